"""The embedded servers: attach, share, survive kill -9, keep strangers out."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded, processes
from config.embedded import Servers

USER_OF_SERVERS = """
import sys, pathlib
from config import embedded
servers = embedded.start(pathlib.Path(sys.argv[1]))
print(servers.clusters["main"].pid(), flush=True)
sys.stdin.readline()
embedded.stop(servers)
"""


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data directory whose servers and data are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="quittance-test-") as directory:
        Path(directory).chmod(0o711)
        data_dir = Path(directory) / "data"
        yield data_dir
        embedded.discard(embedded.start(data_dir))


@pytest.fixture
def servers(data_dir: Path) -> Iterator[Servers]:
    servers = embedded.start(data_dir)
    yield servers
    embedded.stop(servers)


def value_in(servers: Servers) -> int | None:
    with psycopg.connect(servers.environment["DATABASE_OWNER_URL"]) as connection:
        row: tuple[int | None] = connection.execute("select max(value) from kept").fetchone() or (None,)
        return row[0]


def store(servers: Servers, value: int) -> None:
    with psycopg.connect(servers.environment["DATABASE_OWNER_URL"]) as connection:
        connection.execute("create table if not exists kept (value int)")
        connection.execute("insert into kept values (%s)", [value])


def other_user(data_dir: Path) -> subprocess.Popen[str]:
    """Another process that uses the servers until it reads a line."""
    return subprocess.Popen(
        [sys.executable, "-c", USER_OF_SERVERS, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=embedded.REPOSITORY,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line: str = process.stdout.readline()
    return line.strip()


def test_a_second_start_attaches_and_the_last_to_leave_stops(data_dir: Path) -> None:
    first, second = embedded.start(data_dir), embedded.start(data_dir)
    pid = first.clusters["main"].pid()
    assert pid == second.clusters["main"].pid()
    embedded.stop(first)
    assert second.clusters["main"].pid() == pid
    embedded.stop(second)
    assert second.clusters["main"].pid() is None
    assert second.redis.pid() is None


def test_processes_that_start_at_once_share_one_server(data_dir: Path) -> None:
    with other_user(data_dir) as one, other_user(data_dir) as two:
        pids = {line_of(one), line_of(two)}
        assert len(pids) == 1
        one.communicate("\n")
        assert processes.is_running(int(min(pids)))
        two.communicate("\n")
    assert not processes.is_running(int(min(pids)))


def test_a_killed_user_leaves_servers_that_the_next_one_picks_up(data_dir: Path) -> None:
    with other_user(data_dir) as killed:
        pid = int(line_of(killed))
        killed.kill()
        killed.communicate()
    assert processes.is_running(pid)
    servers = embedded.start(data_dir)
    assert servers.clusters["main"].pid() == pid
    embedded.stop(servers)
    assert not processes.is_running(pid)


def test_data_survives_a_killed_postmaster_with_a_busy_client(servers: Servers) -> None:
    store(servers, 1)
    main = servers.clusters["main"]
    busy = psycopg.connect(servers.environment["DATABASE_URL"])
    pid = main.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    main.start()
    assert main.pid() not in (None, pid)
    assert value_in(servers) == 1
    busy.close()


def test_a_stranger_with_the_number_of_the_postmaster_blocks_nothing(data_dir: Path) -> None:
    servers = embedded.start(data_dir)
    main = servers.clusters["main"]
    store(servers, 2)
    embedded.stop(servers)
    (main.data / "postmaster.pid").write_text(f"{os.getpid()}\n{main.data}\n")
    assert main.pid() is None
    again = embedded.start(data_dir)
    assert value_in(again) == 2
    embedded.stop(again)


def test_a_killed_redis_starts_again(servers: Servers) -> None:
    servers.redis.kill()
    assert not servers.redis.answers()
    servers.redis.start()
    assert servers.redis.answers()


def test_passwords_are_asked_for_and_kept_to_the_owner(servers: Servers, data_dir: Path) -> None:
    assert stat.S_IMODE((data_dir / "credentials.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(servers.redis.placement.home.stat().st_mode) == 0o700
    for url in (servers.environment["DATABASE_URL"], servers.environment["DATABASE_OWNER_URL"]):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url, password="wrong")


def test_lost_credentials_are_made_anew_and_the_data_stays(data_dir: Path) -> None:
    servers = embedded.start(data_dir)
    if data_dir not in servers.redis.placement.home.parents:
        pytest.skip(
            "the data directory is closed to the servers' account: its data goes with the credentials"
        )
    store(servers, 3)
    embedded.stop(servers)
    (data_dir / "credentials.json").unlink()
    again = embedded.start(data_dir)
    assert value_in(again) == 3
    embedded.stop(again)


def test_no_role_of_ours_is_superuser_and_only_owner_bypasses_row_security(servers: Servers) -> None:
    with psycopg.connect(servers.environment["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles"
            " where rolname in ('owner', 'app', 'platform') order by rolname"
        ).fetchall()
    assert rows == [
        ("app", False, False, False),
        ("owner", False, True, False),
        ("platform", False, False, False),
    ]


def test_the_audit_database_can_fail_alone() -> None:
    with tempfile.TemporaryDirectory(prefix="quittance-test-") as directory:
        Path(directory).chmod(0o711)
        servers = embedded.start(Path(directory) / "data", separate_audit=True)
        try:
            servers.clusters["audit"].kill()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(servers.environment["AUDIT_DATABASE_URL"])
            psycopg.connect(servers.environment["DATABASE_URL"]).close()
            servers.clusters["audit"].start()
            psycopg.connect(servers.environment["AUDIT_DATABASE_URL"]).close()
        finally:
            embedded.discard(servers)


def test_a_named_database_keeps_the_embedded_servers_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    assert embedded.provide_environment(tmp_path / "unused") is None
    assert not (tmp_path / "unused").exists()


def test_servers_that_died_are_revived_by_name(servers: Servers) -> None:
    assert embedded.revive(servers) == []
    servers.clusters["main"].kill()
    servers.redis.kill()
    assert embedded.revive(servers) == ["PostgreSQL (main)", "Redis"]
    assert servers.clusters["main"].pid() is not None
    assert servers.redis.answers()
