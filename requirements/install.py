"""Makes .venv and fills it with the pinned, hashed requirements. Needs nothing but Python and pip.

    python3 requirements/install.py base|dev|ldap|system

`base` is what `make run` needs, `dev` what tests and lint need on top; an environment that has `dev` is never
taken back to `base`. A second call finds its stamp and returns at once. uv installs in seconds; where it
cannot be had, pip does the same slowly. Exit 1 and one sentence where it cannot be done.

`ldap` adds the extra quittance[ldap] to what is there. It is compiled against OpenLDAP's library, so it is in
neither of them; once added it stays when they are renewed.

`system` is what tests start beside Python: Debian packages, installed as root on Debian or Ubuntu, named in
one sentence otherwise; then `ldap`; and what runs on Node, 20 or newer, below .venv/node by the exact
versions of node/package.json. It never fails: the tests that miss them say so themselves.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"
NODE = VENV / "node"
UV = VENV / ".uv" / "bin" / "uv"
LEVELS = ("base", "dev")
# Debian packages by the file that shows that they are there, however they came.
SYSTEM = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "nodejs": ("node",),
    "npm": ("npm",),
    "curl": ("curl",),
    "slapd": ("slapd", "/usr/sbin/slapd"),
    "ldap-utils": ("ldapsearch",),
    "fonts-dejavu-core": ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",),
}
# The headers and the compiler that the extra `ldap` is built with.
HEADERS = {
    "build-essential": ("gcc", "cc"),
    "python3-dev": (f"{sysconfig.get_config_var('INCLUDEPY')}/Python.h",),
    "libldap2-dev": ("/usr/include/ldap.h", "/usr/local/include/ldap.h"),
    "libsasl2-dev": ("/usr/include/sasl/sasl.h", "/usr/local/include/sasl/sasl.h"),
}
SYSTEM |= HEADERS
# Asked by Debian's packages whether they may start their service.
POLICY = Path("/usr/sbin/policy-rc.d")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20


class CannotInstallError(Exception):
    """The environment cannot be made here."""


def main() -> None:
    """Bring .venv to the level named by the only argument."""
    if sys.version_info < OLDEST_PYTHON:
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"Quittance needs Python 3.11 or newer, this is {version}: make PYTHON=/path/to/python3.11")
    if len(sys.argv) != 2 or sys.argv[1] not in (*LEVELS, "ldap", "system"):
        sys.exit("usage: install.py base|dev|ldap|system")
    if sys.argv[1] == "system":
        install_system_packages()
        if (reason := install_ldap()) is not None:
            print(f"Tests of directories are skipped: {reason}", flush=True)
        install_node_packages()
        return
    if sys.argv[1] == "ldap":
        sys.exit(install_ldap())
    if _is_current(sys.argv[1]):
        return
    try:
        install(sys.argv[1])
    except CannotInstallError as error:
        sys.exit(f"The virtual environment could not be made: {error}")
    except PermissionError as error:
        sys.exit(f"The virtual environment could not be made: {error.filename} belongs to another account.")


def install(level: str) -> None:
    """Install a level, or all of `dev` if the environment has that; processes wait for each other."""
    with _alone():
        if _is_current(level):
            return
        if _stamp("dev").exists():
            level = "dev"
        print(f"Installing the pinned requirements ({level}) into .venv, this once …", flush=True)
        _make_environment()
        requirements = HERE / f"{level}.txt"
        if not _install_with_uv(requirements):
            _install_with_pip(requirements)
        _make_importable()
        if _stamp("ldap").exists():
            # What is not in the list has just been removed.
            _stamp("ldap").unlink()
            _add_ldap()
        if level == "dev":
            _stamp("base").write_text(_key("base"))
        _stamp(level).write_text(_key(level))


def install_ldap() -> str | None:
    """Add the extra `ldap` to the environment; returns why it cannot be done, None if it is there."""
    with _alone():
        stamp = _stamp("ldap")
        if stamp.exists() and stamp.read_text() == _key("ldap"):
            return None
        missing = _missing(HEADERS)
        if missing:
            return f"quittance[ldap] cannot be built without {', '.join(missing)}."
        if not PYTHON.exists():
            return "there is no environment yet: make install."
        print("Building the extra quittance[ldap] into .venv, this once …", flush=True)
        return _add_ldap()


def install_system_packages() -> None:
    """Have the Debian packages that tests want, or say in one sentence what is missing."""
    missing = _missing(SYSTEM)
    if not missing:
        return
    command = f"apt-get install {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"Some tests are skipped without {', '.join(missing)}: {command}", flush=True)
        return
    print(f"Installing {', '.join(missing)} for the tests, this once …", flush=True)
    quiet = ["-qq", "-o", "DPkg::Lock::Timeout=120"]
    with _no_service_starts():
        failure = _run("apt-get", *quiet, "update") or _run(
            "apt-get", *quiet, "install", "--yes", "--no-install-recommends", *missing
        )
    if failure is not None:
        print(f"Some tests are skipped: {command} did not succeed ({failure})", flush=True)


def install_node_packages() -> None:
    """Have what tests start with Node, or say in one sentence what is missing."""
    wanted = (HERE / "node" / "package.json").read_text()
    if _is_node_stamped(wanted):
        return
    reason = _why_no_node()
    if reason is None:
        print("Installing what tests start with Node into .venv/node, this once …", flush=True)
        shutil.rmtree(NODE, ignore_errors=True)
        NODE.mkdir(parents=True)
        (NODE / "package.json").write_text(wanted)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        reason = _run("npm", "install", "--prefix", NODE, *quiet)
    if reason is not None:
        print(f"Some tests are skipped without their OpenID provider: {reason}", flush=True)
        return
    (NODE / ".installed").write_text(wanted)


def _is_node_stamped(wanted: str) -> bool:
    stamp = NODE / ".installed"
    return stamp.exists() and stamp.read_text() == wanted


def _why_no_node() -> str | None:
    """Why nothing can be installed for Node, None if it can."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "apt-get install nodejs npm (Node 20 or newer)"
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = done.stdout.strip().removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        return f"Node {done.stdout.strip() or 'of no known version'} is older than {OLDEST_NODE}"
    return None


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Keep packages from starting what they bring: slapd would listen on every address of this machine."""
    if POLICY.exists():
        # The machine's own decision; containers bring one that denies.
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Processes that install wait for each other."""
    lock = os.open(HERE, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _add_ldap() -> str | None:
    """Install ldap.txt beside what is there; returns why not, None if it is done."""
    requirements = HERE / "ldap.txt"
    options: list[str | Path] = ["--quiet", "--python", PYTHON, "--require-hashes", "-r", requirements]
    command = [UV, "pip", "install", *options]
    failure = _run(*command) and _run(*command, "--system-certs") if UV.exists() else "uv is not there"
    if failure is not None:
        failure = _pip("--python", PYTHON, "install", "--quiet", *_hashed(requirements))
    if failure is None:
        _stamp("ldap").write_text(_key("ldap"))
    return failure


def _missing(packages: dict[str, tuple[str, ...]]) -> list[str]:
    return [package for package, places in packages.items() if not any(map(_is_there, places))]


def _is_there(place: str) -> bool:
    return Path(place).exists() if place.startswith("/") else shutil.which(place) is not None


def _key(level: str) -> str:
    digest = hashlib.sha256(sys.version.encode())
    digest.update((HERE / f"{level}.txt").read_bytes())
    return digest.hexdigest()


def _stamp(level: str) -> Path:
    return VENV / f".installed-{level}"


def _is_current(level: str) -> bool:
    # An environment that has dev is current only as dev: its base packages come from dev.txt.
    wanted = "dev" if _stamp("dev").exists() else level
    stamp = _stamp(wanted)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == _key(wanted)


def _make_environment() -> None:
    """Make or renew the environment itself, without pip in it."""
    if (
        PYTHON.exists()
        and _run(PYTHON, "-c", f"import sys; sys.exit(sys.version != {sys.version!r})") is None
    ):
        return
    if importlib.util.find_spec("venv") is None:
        raise CannotInstallError("this Python has no venv (Debian and Ubuntu: apt install python3-venv).")
    # --without-pip: Debian's Python may lack ensurepip.
    failure = _run(sys.executable, "-m", "venv", "--without-pip", "--clear", VENV)
    if failure is not None:
        raise CannotInstallError(failure)


def _install_with_uv(requirements: Path) -> bool:
    """Install with uv; False if uv cannot be had or does not manage."""
    if not UV.exists() and _pip(
        "install", "--quiet", "--target", UV.parent.parent, *_hashed(HERE / "uv.txt")
    ):
        return False
    options: list[str | Path] = ["--quiet", "--python", PYTHON, "--require-hashes"]
    command = [UV, "pip", "sync", *options, requirements]
    # The second try trusts what this machine trusts, such as a company's own authority.
    failure = _run(*command) and _run(*command, "--system-certs")
    if failure is not None:
        print(f"uv did not manage ({failure}); trying pip, which takes a minute.", flush=True)
    return failure is None


def _install_with_pip(requirements: Path) -> None:
    failure = _pip("--python", PYTHON, "install", "--quiet", *_hashed(requirements))
    if failure is not None and importlib.util.find_spec("ensurepip") is not None:
        # A pip older than 22.3 knows no --python.
        failure = _run(PYTHON, "-m", "ensurepip")
        failure = failure or _run(PYTHON, "-m", "pip", "install", "--quiet", *_hashed(requirements))
    if failure is not None:
        raise CannotInstallError(failure)


def _hashed(requirements: Path) -> list[str | Path]:
    return ["--disable-pip-version-check", "--require-hashes", "-r", requirements]


def _pip(*arguments: str | Path) -> str | None:
    """Run the pip of this Python; returns why it failed, None if it did not."""
    if importlib.util.find_spec("pip") is None:
        return "this Python has no pip (Debian and Ubuntu: apt install python3-pip)."
    return _run(sys.executable, "-m", "pip", *arguments)


def _make_importable() -> None:
    """Let every program in .venv/bin import the packages of this checkout."""
    for packages in VENV.glob("lib/python*/site-packages"):
        (packages / "quittance.pth").write_text(f"{REPOSITORY}\n")


def _run(*command: str | Path) -> str | None:
    """Run a command; returns its last words if it failed, None if it did not."""
    # Somebody's activated environment must not decide where things go.
    environment = {
        key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME")
    }
    environment["PIP_ROOT_USER_ACTION"] = "ignore"
    environment["DEBIAN_FRONTEND"] = "noninteractive"
    done = subprocess.run(
        [str(part) for part in command], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return None
    words = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return words[-1] if words else f"{command[0]} ended with {done.returncode}"


if __name__ == "__main__":
    main()
