"""One private PostgreSQL cluster: made, started, attached to, killed and stopped by us.

Only the wheel's programs are used. The superuser has no password: it is reached through the socket by the
account that owns the cluster, and by root. Everybody else logs in with a generated password.
"""

import signal
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config import processes
from config.placement import EmbeddedError, Placement

SUPERUSER = "postgres"
ROLES: Mapping[str, str] = {
    "owner": "LOGIN NOSUPERUSER CREATEDB NOCREATEROLE BYPASSRLS",
    "app": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    "platform": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
}
CONFIGURATION = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
port = {port}
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
fsync = on
synchronous_commit = on
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
default_text_search_config = 'pg_catalog.simple'
"""
AUTHENTICATION = f"""\
local all {SUPERUSER} peer map=quittance
local all all scram-sha-256
"""
SHUTDOWN_SECONDS = 10.0
RECOVERY_SECONDS = 60.0
LARGEST_LOG_BYTES = 10_000_000


@dataclass(frozen=True)
class Cluster:
    """A cluster by name ("main", "audit") in its placement; `port` only names the socket."""

    name: str
    port: int
    placement: Placement

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.placement.home / self.name

    @property
    def log(self) -> Path:
        """The server's log; its last lines tell why a start failed."""
        return self.placement.home / f"{self.name}.log"

    def url(self, *, role: str, password: str, database: str) -> str:
        """A libpq URL for `role` through the private socket."""
        host = quote(str(self.placement.sockets), safe="")
        return f"postgresql://{role}:{password}@/{database}?host={host}&port={self.port}"

    def pid(self) -> int | None:
        """The process id of our running postmaster, None if it is not running.

        A zombie, or a stranger who was given the same number, is not it.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if processes.command_names(pid, str(self.data)) else None

    def start(self) -> None:
        """Make the cluster if it is missing and start it if it is not running.

        Raises EmbeddedError with the last line of the log when it does not come up.
        """
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if self._is_answering_soon():
            return
        self._clear_remains()
        self._configure()
        try:
            self._program(
                "pg_ctl",
                "start",
                "--silent",
                "--wait",
                "--timeout=60",
                "--pgdata",
                self.data,
                "--log",
                self.log,
            )
        except EmbeddedError as error:
            raise EmbeddedError(f"PostgreSQL did not start ({error}): {self._last_log_line()}") from error

    def stop(self) -> None:
        """Shut down in order (checkpoint, no recovery at the next start); by force if it does not end."""
        pid = self.pid()
        if pid is not None:
            processes.end(pid, [(signal.SIGINT, SHUTDOWN_SECONDS), (signal.SIGQUIT, 5.0)])
            self._clear_remains()

    def kill(self) -> None:
        """Kill the postmaster as a power cut would (SIGKILL) and wait until all of the server is gone."""
        pid = self.pid()
        if pid is not None:
            processes.end(pid, [])
        self._wait_for_backends()

    def ensure(self, *, passwords: Mapping[str, str], databases: Sequence[str]) -> None:
        """Make roles and databases that are missing, and give the roles these passwords."""
        with closing(self._connect("postgres")) as connection:
            known = {row[0] for row in connection.execute("select rolname from pg_roles")}
            for role, attributes in ROLES.items():
                verb = sql.SQL("alter" if role in known else "create")
                statement = sql.SQL("{} role {} {} password {}").format(
                    verb, sql.Identifier(role), sql.SQL(attributes), passwords[role]
                )
                connection.execute(statement)
            existing = {row[0] for row in connection.execute("select datname from pg_database")}
            for database in databases:
                if database not in existing:
                    self._create_database(connection, database)

    def accepts(self, url: str) -> bool:
        """True if somebody can log in with this URL."""
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self, connection: psycopg.Connection, database: str) -> None:
        name = sql.Identifier(database)
        # The wheel has no ICU; builtin C.UTF-8 sorts by code point and is the same on every machine.
        create = sql.SQL(
            "create database {} owner owner template template0 encoding 'UTF8'"
            " locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'"
        )
        connection.execute(create.format(name))
        connection.execute(sql.SQL("revoke all on database {} from public").format(name))
        connection.execute(sql.SQL("grant connect on database {} to app, platform").format(name))

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.placement.sockets),
            port=self.port,
            user=SUPERUSER,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    def _program(self, name: str, *arguments: str | Path) -> None:
        self.placement.run([self.placement.postgres_bin / name, *arguments])

    def _initialise(self) -> None:
        self.placement.own(self.data)
        for remains in self.data.iterdir():
            raise EmbeddedError(
                f"{self.data} is neither a cluster nor empty (it has {remains.name}): remove it"
            )
        self._program(
            "initdb",
            "--pgdata",
            self.data,
            "--username",
            SUPERUSER,
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--auth=reject",
            "--no-instructions",
        )

    def _configure(self) -> None:
        write = self.placement.write
        sockets = str(self.placement.sockets).replace("'", "''")
        write(self.data / "postgresql.conf", CONFIGURATION.format(sockets=sockets, port=self.port))
        write(self.data / "pg_hba.conf", AUTHENTICATION)
        accounts = {"root", self.placement.server_account}
        write(self.data / "pg_ident.conf", "".join(f'quittance "{name}" {SUPERUSER}\n' for name in accounts))
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.unlink()

    def _is_answering_soon(self) -> bool:
        """Wait for a postmaster that is there to answer; False if there is none or it dies meanwhile."""
        sockets, port = self.placement.sockets, str(self.port)

        def answers() -> bool:
            try:
                self._program("pg_isready", "--quiet", "--host", sockets, "--port", port)
            except EmbeddedError:
                return False
            return True

        # A recovery after a crash may take a while; a process that was just killed may still be seen.
        if not processes.wait_until(lambda: self.pid() is None or answers(), RECOVERY_SECONDS):
            raise EmbeddedError(f"PostgreSQL runs but does not answer: {self._last_log_line()}")
        return self.pid() is not None

    def _wait_for_backends(self) -> None:
        """Wait for children of a dead postmaster; they hold the shared memory that blocks the next start."""
        processes.wait_until(lambda: not any(processes.working_in(self.data)), 5.0)
        for pid in processes.working_in(self.data):
            processes.end(pid, [(signal.SIGQUIT, 1.0)])

    def _clear_remains(self) -> None:
        """Remove what a killed server leaves; called only once it is known that ours does not run."""
        self._wait_for_backends()
        socket = self.placement.sockets / f".s.PGSQL.{self.port}"
        for path in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            path.unlink(missing_ok=True)

    def _last_log_line(self) -> str:
        if not self.log.exists():
            return "it wrote no log"
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return f"{lines[-1] if lines else 'its log is empty'} (see {self.log})"
