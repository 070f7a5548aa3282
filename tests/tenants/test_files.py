"""The file store: each tenant's files are its own, whole or not there, and never elsewhere."""

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from tenants import files, ids, scope
from tenants.actors import Actor
from tenants.files import FileMissing, FileTooLarge, LocalFileStore
from tenants.scope import NoScope

ACME, GLOBEX = UUID(int=0xACE), UUID(int=0x610BE)
Enter = Callable[[UUID | None], AbstractContextManager[scope.Scope]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def store(root: Path) -> LocalFileStore:
    return LocalFileStore(root, max_bytes=1000)


def acting_for(tenant_id: UUID | None) -> AbstractContextManager[scope.Scope]:
    return scope.enter(scope.Scope(tenant_id, Actor.system("test")))


def files_below(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if not path.is_dir())


def chunks() -> Iterator[bytes]:
    yield b"hel"
    yield b"lo"


@pytest.mark.parametrize("content", [b"hello", io.BytesIO(b"hello"), [b"hel", b"lo"], chunks()])
def test_what_was_saved_is_read_again(store: LocalFileStore, content: bytes) -> None:
    with acting_for(ACME):
        kept = store.save(content, content_type="text/plain", name="../../etc/passwd")
        with store.open(kept.id) as content_again:
            assert content_again.read() == b"hello"
    assert (kept.size, kept.sha256) == (5, hashlib.sha256(b"hello").hexdigest())
    assert (kept.name, kept.content_type) == ("../../etc/passwd", "text/plain")


def test_names_on_disk_are_made_here(store: LocalFileStore, root: Path) -> None:
    with acting_for(ACME):
        kept = store.save(b"x", content_type="text/plain", name="../../evil\x00.sh")
    shard = kept.id.hex[-2:]
    assert files_below(root.parent) == [root / ACME.hex / shard / kept.id.hex]
    assert (root / ACME.hex).stat().st_mode & 0o077 == 0
    assert files_below(root)[0].stat().st_mode & 0o777 == 0o600


def test_another_tenants_file_looks_missing(store: LocalFileStore) -> None:
    with acting_for(ACME):
        kept = store.save(b"x", content_type="text/plain", name="x")
    with acting_for(GLOBEX):
        with pytest.raises(FileMissing):
            store.open(kept.id)
        store.delete(kept.id)
    with acting_for(ACME), store.open(kept.id) as content:
        assert content.read() == b"x"


@pytest.mark.parametrize("tenant_scope", ["none", "installation"])
def test_nothing_happens_outside_a_scope(store: LocalFileStore, root: Path, tenant_scope: str) -> None:
    def attempt() -> None:
        with pytest.raises(NoScope):
            store.save(b"x", content_type="text/plain", name="x")
        with pytest.raises(NoScope):
            store.open(ids.uuid7())
        with pytest.raises(NoScope):
            store.delete(ids.uuid7())

    if tenant_scope == "installation":
        with acting_for(None):
            attempt()
    else:
        attempt()
    assert not root.exists()


def test_deleting_is_final_and_repeatable(store: LocalFileStore, root: Path) -> None:
    with acting_for(ACME):
        kept = store.save(b"x", content_type="text/plain", name="x")
        store.delete(kept.id)
        store.delete(kept.id)
        with pytest.raises(FileMissing):
            store.open(kept.id)
        with pytest.raises(FileMissing):
            store.open(ids.uuid7())
    assert files_below(root) == []


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 600


@pytest.mark.parametrize("content", [b"x" * 1001, io.BytesIO(b"x" * 1001), endless()])
def test_a_file_over_the_limit_leaves_nothing(store: LocalFileStore, root: Path, content: bytes) -> None:
    with acting_for(ACME), pytest.raises(FileTooLarge):
        store.save(content, content_type="text/plain", name="x")
    assert files_below(root) == []


def broken() -> Iterator[bytes]:
    yield b"half"
    raise ConnectionError("the uploader went away")


def test_an_upload_that_breaks_leaves_nothing(store: LocalFileStore, root: Path) -> None:
    with acting_for(ACME), pytest.raises(ConnectionError):
        store.save(broken(), content_type="text/plain", name="x")
    assert files_below(root) == []


def test_a_link_in_place_of_a_file_is_not_followed(store: LocalFileStore, root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    with acting_for(ACME):
        kept = store.save(b"x", content_type="text/plain", name="x")
        place = root / ACME.hex / kept.id.hex[-2:] / kept.id.hex
        place.unlink()
        place.symlink_to(tmp_path / "outside")
        with pytest.raises(FileMissing):
            store.open(kept.id)
        store.delete(kept.id)
    assert (tmp_path / "outside").read_bytes() == b"secret"


def test_a_link_in_place_of_a_tenants_folder_is_not_followed(store: LocalFileStore, root: Path) -> None:
    with acting_for(GLOBEX):
        kept = store.save(b"theirs", content_type="text/plain", name="x")
    (root / ACME.hex).symlink_to(root / GLOBEX.hex)
    with acting_for(ACME):
        with pytest.raises(FileMissing):
            store.open(kept.id)
        with pytest.raises(OSError, match=r"Not a directory|symbolic"):
            store.save(b"x", content_type="text/plain", name="x")
        store.delete(kept.id)
    assert [path.read_bytes() for path in files_below(root / GLOBEX.hex)] == [b"theirs"]


def test_a_pipe_in_place_of_a_file_does_not_hang(store: LocalFileStore, root: Path) -> None:
    with acting_for(ACME):
        kept = store.save(b"x", content_type="text/plain", name="x")
        place = root / ACME.hex / kept.id.hex[-2:] / kept.id.hex
        place.unlink()
        os.mkfifo(place)
        with pytest.raises(FileMissing):
            store.open(kept.id)


def test_no_descriptor_is_left_open(store: LocalFileStore) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with acting_for(ACME):
        store.save(b"x", content_type="text/plain", name="x")
        before = descriptors()
        for _ in range(20):
            kept = store.save(b"x", content_type="text/plain", name="x")
            store.open(kept.id).close()
            store.delete(kept.id)
            with pytest.raises(FileMissing):
                store.open(kept.id)
        assert descriptors() == before


def test_the_installations_store_lies_below_its_data(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with acting_for(ACME):
        files.store().save(b"x", content_type="text/plain", name="x")
    assert len(files_below(tmp_path / "files" / ACME.hex)) == 1
