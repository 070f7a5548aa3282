"""What a line of the log looks like."""

import logging


class OneLineFormatter(logging.Formatter):
    """Time, level, logger and message on one line; tracebacks follow below.

    Line breaks and other controls inside a message are escaped: what a caller sent must not look
    like a line of its own.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- logging's name
        line = super().formatMessage(record)
        if line.isprintable():
            return line
        return "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() for char in line
        )
