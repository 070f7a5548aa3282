"""What can go wrong with a directory, before it becomes DirectoryUnavailable for everybody outside."""


class DirectoryFault(Exception):
    """The directory gives no verdict: `step` says where it ended, `reason` why, for administrators.

    Neither holds a secret nor what the person typed.
    """

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


class Unreachable(DirectoryFault):
    """This server does not answer; another one may."""


class Misconfigured(DirectoryFault):
    """The server answers that the configuration is wrong; another one would say the same."""
