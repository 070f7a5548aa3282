"""Mail as files, for development, demonstrations and tests."""

import os
from hashlib import sha256
from pathlib import Path

from tenants.transports.base import Envelope


class FileTransport:
    """Writes `<directory>/<digest of the Message-ID>.eml`, complete or not at all, once for each message."""

    name = "file"

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path_of(self, message_id: str) -> Path:
        """Where a message lies; equal ids are one file."""
        return self.directory / f"{sha256(message_id.encode()).hexdigest()[:32]}.eml"

    def deliver(self, envelope: Envelope, content: bytes) -> str:
        target = self.path_of(envelope.message_id)
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.stem}.{os.getpid()}.{os.urandom(4).hex()}.part")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # A link fails where the name is taken, a rename would replace what was delivered before.
            os.link(unfinished, target)
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
        self._sync_directory()
        return target.name

    def _sync_directory(self) -> None:
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
