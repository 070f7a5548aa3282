"""Databases for tests: one migrated template per state of the schema, one clone per test process."""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import redis
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config import processes
from config.embedded import DATABASE_VARIABLES

REPOSITORY = Path(__file__).resolve().parent.parent
# Whatever decides what a freshly migrated database looks like.
SCHEMA_SOURCES = (
    "*/migrations/**/*.py",
    "*/models/**/*.py",
    "*/models.py",
    "*/apps.py",
    "*/db/**/*.py",
    "tenants/*.py",
    "audit/*.py",
    "invoicing/ddl.py",
    "tenants/management/**/*.py",
    "config/settings.py",
    "config/postgres.py",
    "requirements/base.txt",
)
KEPT_TEMPLATES = 5
CLONE_NAME = re.compile(r"test_(\d+)_\w+")
REDIS_SLOTS = range(1, 64)


def schema_key() -> str:
    """A short hash of everything that decides what migrations make."""
    digest = hashlib.sha256()
    for pattern in SCHEMA_SOURCES:
        for path in sorted(REPOSITORY.glob(pattern)):
            digest.update(str(path.relative_to(REPOSITORY)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def renamed(urls: Mapping[str, str], name: str) -> dict[str, str]:
    """The six database URLs with their databases replaced by `name` and `name`_audit."""
    return {
        variable: _with_database(urls[variable], f"{name}_audit" if is_audit else name)
        for variable, (_, is_audit) in DATABASE_VARIABLES.items()
    }


def ensure_template(urls: Mapping[str, str], data_dir: Path) -> str:
    """Make the migrated pair of template databases unless it exists; returns the main one's name.

    Concurrent callers wait for each other. Raises RuntimeError with the output of a failed migration.
    """
    template = f"template_{schema_key()}"
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "template.lock").open("a", encoding="utf-8") as file, _owner(urls) as owner:
        fcntl.flock(file, fcntl.LOCK_EX)
        existing = _databases(owner)
        if template in existing:
            return template
        unfinished = "unfinished"
        for name in (template, f"{template}_audit", unfinished, f"{unfinished}_audit"):
            _drop(owner, name)
        for name in (unfinished, f"{unfinished}_audit"):
            _create(owner, name, source="template0")
        _migrate(renamed(urls, unfinished))
        # The main one comes last: its name says that the pair is complete.
        _rename(owner, f"{unfinished}_audit", f"{template}_audit")
        _rename(owner, unfinished, template)
        _drop_old(owner)
    return template


def clone(urls: Mapping[str, str], template: str, name: str) -> dict[str, str]:
    """Clone the template pair as `name` and return the six URLs of the clone."""
    with _owner(urls) as owner:
        _create(owner, name, source=template)
        _create(owner, f"{name}_audit", source=f"{template}_audit")
    return renamed(urls, name)


def drop(urls: Mapping[str, str], name: str) -> None:
    """Drop a clone; connections that tests left open are waited for, then it is left to the next run."""
    with _owner(urls) as owner:
        for database in (name, f"{name}_audit"):
            try:
                _drop(owner, database)
            except psycopg.errors.ObjectInUse:
                continue


def drop_orphans(urls: Mapping[str, str]) -> None:
    """Drop clones whose test process no longer lives."""
    with _owner(urls) as owner:
        for database in _databases(owner):
            found = CLONE_NAME.fullmatch(database)
            if found and not processes.is_running(int(found.group(1))):
                try:
                    _drop(owner, database)
                except psycopg.errors.ObjectInUse:
                    continue


def claim_redis(url: str) -> str:
    """The URL of a Redis database that no other test process uses, emptied; give it back when done."""
    with closing(redis.Redis.from_url(url)) as registry:
        for slot in REDIS_SLOTS:
            if registry.set(f"test-process:{slot}", os.getpid(), nx=True, ex=7200):
                claimed = url.replace("db=0", f"db={slot}") if "db=0" in url else f"{url.rstrip('/0')}/{slot}"
                with closing(redis.Redis.from_url(claimed)) as client:
                    client.flushdb()
                return claimed
    raise RuntimeError(f"all {len(REDIS_SLOTS)} Redis databases for tests are taken")


def release_redis(base_url: str, claimed: str) -> None:
    """Empty a claimed Redis database and give it back."""
    with (
        closing(redis.Redis.from_url(claimed)) as client,
        closing(redis.Redis.from_url(base_url)) as registry,
    ):
        client.flushdb()
        registry.delete(f"test-process:{client.connection_pool.connection_kwargs['db']}")


@contextmanager
def _owner(urls: Mapping[str, str]) -> Iterator[psycopg.Connection]:
    url = _with_database(urls["DATABASE_OWNER_URL"], "postgres")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        yield connection


def _with_database(url: str, database: str) -> str:
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    return make_conninfo(**{**parts, "dbname": database})


def _migrate(urls: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate_all", "--verbosity", "0"],
        cwd=REPOSITORY,
        env={**os.environ, **urls},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the template database could not be migrated:\n{done.stdout}{done.stderr}")


def _databases(owner: psycopg.Connection) -> list[str]:
    """Names of all databases, newest first."""
    return [row[0] for row in owner.execute("select datname from pg_database order by oid desc")]


def _create(owner: psycopg.Connection, name: str, *, source: str) -> None:
    names = (sql.Identifier(name), sql.Identifier(source))
    owner.execute(sql.SQL("create database {} template {} strategy file_copy").format(*names))
    owner.execute(sql.SQL("revoke all on database {} from public").format(names[0]))
    owner.execute(sql.SQL("grant connect on database {} to app, platform").format(names[0]))


def _drop(owner: psycopg.Connection, name: str) -> None:
    owner.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))


def _rename(owner: psycopg.Connection, old: str, new: str) -> None:
    owner.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new)))


def _drop_old(owner: psycopg.Connection) -> None:
    """Keep the newest few templates: another run may be cloning one of them right now."""
    mains = [name for name in _databases(owner) if re.fullmatch(r"template_[0-9a-f]{12}", name)]
    for name in mains[KEPT_TEMPLATES:]:
        _drop(owner, name)
        _drop(owner, f"{name}_audit")
