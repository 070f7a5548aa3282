"""The zero-setup servers: a private PostgreSQL 18 and a private Redis below DATA_DIR.

Whoever needs them calls `start` (or `provide_environment`): the first caller starts them, the others
attach, the last one to leave stops them. A caller that was killed counts as gone at once, because its hold
is a file lock; servers it leaves behind are picked up by the next caller.
"""

import atexit
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from cryptography.fernet import Fernet

from config.env import TRUE_WORDS
from config.placement import EmbeddedError as EmbeddedError
from config.placement import Placement, place
from config.postgres import Cluster
from config.redis_server import RedisServer

__all__ = [
    "DATABASE_VARIABLES",
    "EmbeddedError",
    "Servers",
    "discard",
    "provide_environment",
    "start",
    "stop",
]

REPOSITORY = Path(__file__).resolve().parent.parent
DATABASE, AUDIT_DATABASE = "quittance", "quittance_audit"
# Environment variable -> (role, is it the audit database?)
DATABASE_VARIABLES: Mapping[str, tuple[str, bool]] = {
    "DATABASE_URL": ("app", False),
    "DATABASE_OWNER_URL": ("owner", False),
    "DATABASE_PLATFORM_URL": ("platform", False),
    "AUDIT_DATABASE_URL": ("app", True),
    "AUDIT_DATABASE_OWNER_URL": ("owner", True),
    "AUDIT_DATABASE_PLATFORM_URL": ("platform", True),
}


@dataclass
class Servers:
    """Running servers and how to reach them.

    `clusters` has "main" and, when the audit database was asked to stand apart, "audit". `environment` has
    the URLs under the names that config.env reads. Faults are made with `clusters[…].kill()` and
    `clusters[…].start()`, likewise with `redis`.
    """

    data_dir: Path
    clusters: dict[str, Cluster]
    redis: RedisServer
    environment: dict[str, str]
    secrets: dict[str, str] = field(repr=False)
    _hold: TextIO | None = field(repr=False, default=None)


def start(data_dir: Path, *, separate_audit: bool = False) -> Servers:
    """Start the servers below `data_dir` or attach to them; idempotent and safe to call at the same time.

    With `separate_audit` the audit database gets a cluster of its own, so that either can fail alone; a
    data directory must be used one way or the other, not both in turn. Raises EmbeddedError.
    """
    data_dir = data_dir.resolve()
    try:
        _make_data_dir(data_dir)
        with _locked(data_dir / "start.lock"):
            credentials = _credentials(data_dir / "credentials.json")
            servers = _describe(data_dir, credentials, separate_audit=separate_audit)
            _bring_up(servers, credentials)
            servers._hold = _hold(data_dir / "users.lock")
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename or data_dir} belongs to another account: be that one or set another DATA_DIR"
        ) from error
    return servers


def stop(servers: Servers) -> None:
    """Leave the servers, and shut them down unless another process still uses them. Idempotent."""
    hold, servers._hold = servers._hold, None
    if hold is None:
        return
    with _locked(servers.data_dir / "start.lock"), hold:
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for cluster in servers.clusters.values():
            cluster.stop()
        servers.redis.stop()


def revive(servers: Servers) -> list[str]:
    """Start again what died, and name it; raises EmbeddedError where that fails."""
    dead = [name for name, cluster in servers.clusters.items() if cluster.pid() is None]
    redis_is_dead = servers.redis.pid() is None
    if not dead and not redis_is_dead:
        return []
    with _locked(servers.data_dir / "start.lock"):
        for name in dead:
            servers.clusters[name].start()
        if redis_is_dead:
            servers.redis.start()
    return [f"PostgreSQL ({name})" for name in dead] + ["Redis"] * redis_is_dead


def discard(servers: Servers) -> None:
    """Stop the servers for everybody and remove all of their data, wherever it was put."""
    for cluster in servers.clusters.values():
        cluster.stop()
    servers.redis.stop()
    if servers._hold is not None:
        servers._hold.close()
        servers._hold = None
    placement = servers.redis.placement
    for directory in (placement.sockets, placement.home, servers.data_dir):
        shutil.rmtree(directory, ignore_errors=True)


def provide_environment(data_dir: Path | None = None) -> Servers | None:
    """Point this process at the embedded servers unless its environment names a database already.

    Sets the database URLs, REDIS_URL where it is missing, DATA_DIR and, as this is how one tries the
    product out, DEBUG and generated development secrets; none of the secrets if DEBUG is off. The servers
    are left at exit. Returns None where the environment decides. Raises EmbeddedError.
    """
    if any(os.environ.get(name) for name in DATABASE_VARIABLES):
        return None
    chosen = data_dir or Path(os.environ.get("DATA_DIR") or REPOSITORY / ".data")
    servers = start(chosen)
    atexit.register(stop, servers)
    os.environ.update({name: servers.environment[name] for name in DATABASE_VARIABLES})
    os.environ["DATA_DIR"] = str(servers.data_dir)
    os.environ.setdefault("REDIS_URL", servers.environment["REDIS_URL"])
    if not os.environ.get("DEBUG"):
        os.environ["DEBUG"] = "true"
    if os.environ["DEBUG"].strip().lower() in TRUE_WORDS:
        for name, value in servers.secrets.items():
            os.environ.setdefault(name, value)
    return servers


def _describe(data_dir: Path, credentials: Mapping[str, str], *, separate_audit: bool) -> Servers:
    placement: Placement = place(data_dir, credentials["token"])
    main = Cluster("main", 5432, placement)
    clusters = {"main": main}
    if separate_audit:
        clusters["audit"] = Cluster("audit", 5433, placement)
    redis = RedisServer(placement, credentials["redis"])
    environment = {"REDIS_URL": redis.url}
    for variable, (role, is_audit) in DATABASE_VARIABLES.items():
        cluster = clusters.get("audit", main) if is_audit else main
        database = AUDIT_DATABASE if is_audit else DATABASE
        environment[variable] = cluster.url(role=role, password=credentials[role], database=database)
    generated = {name: credentials[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")}
    return Servers(data_dir, clusters, redis, environment, generated)


def _bring_up(servers: Servers, credentials: Mapping[str, str]) -> None:
    for name, cluster in servers.clusters.items():
        was_running = cluster.pid() is not None
        cluster.start()
        wanted = {"main": [DATABASE, AUDIT_DATABASE], "audit": [AUDIT_DATABASE]}[name]
        if len(servers.clusters) > 1 and name == "main":
            wanted = [DATABASE]
        urls = [cluster.url(role="owner", password=credentials["owner"], database=base) for base in wanted]
        if not (was_running and all(cluster.accepts(url) for url in urls)):
            cluster.ensure(passwords=credentials, databases=wanted)
    servers.redis.start()


def _make_data_dir(data_dir: Path) -> None:
    if not data_dir.exists():
        data_dir.mkdir(parents=True)
        # The account that root lends to the servers must pass through, but not look around.
        data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _credentials(path: Path) -> dict[str, str]:
    """Read the generated passwords and keys (mode 0600), making the file at first."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        fresh = {name: secrets.token_urlsafe(24) for name in ("owner", "app", "platform", "redis")}
        fresh["token"] = secrets.token_hex(8)
        fresh["SECRET_KEY"] = secrets.token_urlsafe(48)
        fresh["FIELD_ENCRYPTION_KEYS"] = Fernet.generate_key().decode("ascii")
        unfinished = path.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(fresh, indent=1), encoding="utf-8")
        unfinished.rename(path)
        return fresh
    except ValueError as error:
        raise EmbeddedError(f"{path} is not readable as JSON: restore it or remove {path.parent}") from error
    return {str(name): str(value) for name, value in loaded.items()}


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _hold(path: Path) -> TextIO:
    """Count this caller among the users, as a shared lock that the kernel drops when the process dies."""
    file = path.open("a", encoding="utf-8")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file
