"""Who asks, and from where."""

import hashlib
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from; a retry is one from the same address with the same user agent."""

    address: str = ""
    user_agent: str = ""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(f"{self.address}\0{self.user_agent}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Person:
    """Who logged in, where and as what."""

    tenant_id: UUID
    tenant_slug: str
    tenant_name: str
    user_id: UUID
    user_name: str
    user_email: str
    membership_id: UUID
    role: str
