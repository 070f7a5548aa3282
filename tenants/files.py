"""Files: a storage port and its first adapter, a local directory.

Every file belongs to the tenant of the scope, and lies below that tenant's own folder under an id
made here. What the uploader called it is kept as text in the caller's row and never names anything
on disk, so there is no name to traverse with.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from django.conf import settings

from tenants import ids, scope
from tenants.errors import DomainError, Kind

MAX_BYTES = 25 * 1024 * 1024
_CHUNK = 64 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class FileTooLarge(DomainError):
    """The file is larger than this service keeps."""

    kind, code = Kind.TOO_LARGE, "file-too-large"


class FileMissing(DomainError):
    """There is nothing here under this name."""

    kind, code = Kind.NOT_FOUND, "not-found"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What to keep in a row. `size` is in bytes, `sha256` in hex, `name` is only ever shown."""

    id: UUID
    name: str
    content_type: str
    size: int
    sha256: str


class FileStore(Protocol):
    """Where a tenant's files are. Every call works on the tenant of the scope, and raises NoScope outside."""

    def save(
        self, content: bytes | Iterable[bytes] | BinaryIO, *, content_type: str, name: str
    ) -> StoredFile:
        """Keep `content`; when it returns, it is on disk. Raises FileTooLarge, keeping nothing."""
        ...

    def open(self, file_id: UUID) -> BinaryIO:
        """The content, to be read and closed by the caller. Raises FileMissing."""
        ...

    def delete(self, file_id: UUID) -> None:
        """Forget a file; one that is gone already is no fault."""
        ...


class LocalFileStore:
    """`<root>/<tenant id>/<last two digits of the file id>/<file id>`, each in 32 hex digits.

    Every step opens the next folder relative to the last one and follows no symbolic link, so
    somebody who can write below the root cannot lead us out of a tenant's folder.
    """

    def __init__(self, root: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.root = root
        self.max_bytes = max_bytes

    def save(
        self, content: bytes | Iterable[bytes] | BinaryIO, *, content_type: str, name: str
    ) -> StoredFile:
        file_id = ids.uuid7()
        with self._folder(file_id, create=True) as folder:
            temporary = f".{file_id.hex}.part"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as target:
                    size, digest = self._copy(content, target)
                    target.flush()
                    os.fsync(target.fileno())
                os.rename(temporary, file_id.hex, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise
            os.fsync(folder)
        return StoredFile(file_id, name, content_type, size, digest)

    def open(self, file_id: UUID) -> BinaryIO:
        with self._folder(file_id, create=False) as folder:
            try:
                descriptor = os.open(
                    file_id.hex, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
                )
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.ELOOP):
                    raise FileMissing from None
                raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileMissing
        return os.fdopen(descriptor, "rb")

    def delete(self, file_id: UUID) -> None:
        with suppress(FileMissing, FileNotFoundError), self._folder(file_id, create=False) as folder:
            os.unlink(file_id.hex, dir_fd=folder)
            os.fsync(folder)

    def _copy(self, content: bytes | Iterable[bytes] | BinaryIO, target: BinaryIO) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks(content):
            size += len(chunk)
            if size > self.max_bytes:
                raise FileTooLarge
            digest.update(chunk)
            target.write(chunk)
        return size, digest.hexdigest()

    @contextmanager
    def _folder(self, file_id: UUID, *, create: bool) -> Iterator[int]:
        """A descriptor of the folder in which this file of this tenant lies. Raises FileMissing."""
        tenant = scope.require_tenant_id().hex
        if create:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened: list[int] = []
        try:
            try:
                opened.append(os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
                for name in (tenant, file_id.hex[-2:]):
                    opened.append(_enter(name, opened[-1], create=create))
            except OSError as error:
                if not create and error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
                    raise FileMissing from None
                raise
            yield opened[-1]
        finally:
            for descriptor in opened:
                os.close(descriptor)


def _enter(name: str, parent: int, *, create: bool) -> int:
    if create:
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=parent)
            # The entry of a new folder must survive as long as the file in it.
            os.fsync(parent)
    return os.open(name, _FOLDER, dir_fd=parent)


def _chunks(content: bytes | Iterable[bytes] | BinaryIO) -> Iterable[bytes]:
    if isinstance(content, bytes):
        return (content,)
    read = getattr(content, "read", None)
    if read is not None:
        return iter(lambda: read(_CHUNK), b"")
    return content


def store() -> FileStore:
    """The installation's file store."""
    return LocalFileStore(Path(settings.DATA_DIR) / "files")
