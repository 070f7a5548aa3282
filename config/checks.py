"""What `make lint` asks Django: no migration missing, API schemas valid, their committed copies current.

    python -m config.checks           check
    python -m config.checks --write   write the copies below docs/openapi

No database is needed.
"""

import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils.module_loading import import_string

REPOSITORY = Path(__file__).resolve().parent.parent
COPIES = {version: REPOSITORY / "docs" / "openapi" / f"{version}.yaml" for version in ("v1", "v2")}


def main() -> None:
    """Exit 1 with one line for each thing that is not as it should be."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if "--write" in sys.argv[1:]:
        for version, path in COPIES.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_document(version), encoding="utf-8")
        return
    faults = [*_missing_migrations(), *_outdated_copies()]
    if faults:
        sys.exit("\n".join(faults))


def _missing_migrations() -> list[str]:
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    return [
        f"{app}: a migration is missing: {operation.describe()}"
        for app, migrations in detector.changes(graph=loader.graph).items()
        for migration in migrations
        for operation in migration.operations
    ]


def _outdated_copies() -> list[str]:
    return [
        f"{path.relative_to(REPOSITORY)} is not current: make schema"
        for version, path in COPIES.items()
        if not path.exists() or path.read_text(encoding="utf-8") != _document(version)
    ]


def _document(version: str) -> str:
    # By name: it can be imported only once Django is set up.
    written: str = import_string("config.schemas.document")(version)
    return written


if __name__ == "__main__":
    main()
