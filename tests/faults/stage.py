"""Where proofs run: two clusters and a Redis of their own, which may be killed without asking anybody."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config import embedded
from config.embedded import DATABASE_VARIABLES, Servers
from tests.databases import REPOSITORY, schema_key

DATA_DIR = REPOSITORY / ".data-faults"


def set_up(data_dir: Path) -> Servers:
    """Start the servers below `data_dir`, bring their schema up and point this process at them.

    A schema made by other migrations is replaced, whatever it holds.
    """
    servers = embedded.start(data_dir, separate_audit=True)
    os.environ.update(servers.environment)
    os.environ.update(servers.secrets)
    os.environ.update({"DEBUG": "true", "DATA_DIR": str(servers.data_dir)})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    mark = servers.data_dir / "schema"
    if not mark.exists() or mark.read_text(encoding="ascii") != schema_key():
        mark.unlink(missing_ok=True)
        _make_anew(servers.environment)
        migrate = [sys.executable, "manage.py", "migrate_all", "--verbosity", "0"]
        subprocess.run(migrate, cwd=REPOSITORY, check=True)
        mark.write_text(schema_key(), encoding="ascii")
    return servers


def _make_anew(urls: Mapping[str, str]) -> None:
    for variable, (role, _) in DATABASE_VARIABLES.items():
        if role != "owner":
            continue
        parts = {key: str(value) for key, value in conninfo_to_dict(urls[variable]).items()}
        name = sql.Identifier(parts["dbname"])
        with closing(
            psycopg.connect(make_conninfo(**{**parts, "dbname": "postgres"}), autocommit=True)
        ) as owner:
            owner.execute(sql.SQL("drop database if exists {}").format(name))
            owner.execute(sql.SQL("create database {} template template0").format(name))
            owner.execute(sql.SQL("revoke all on database {} from public").format(name))
            owner.execute(sql.SQL("grant connect on database {} to app, platform").format(name))
