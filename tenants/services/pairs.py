"""Pairs of tokens: what they are made of and how long they last."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tenants import ids, secrets, tokens
from tenants.domain.people import Person
from tenants.statements.sessions import Successor


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens and when they, and the login behind them, end. `expires_in` is in whole seconds."""

    access: str
    refresh: str
    expires_in: int
    refresh_expires_in: int
    session_id: UUID
    session_expires_at: datetime
    person: Person


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pair is made by: the person, the session and the lifetimes of the tenant."""

    person: Person
    session_id: UUID
    auth_time: datetime
    ends_at: datetime
    access_minutes: int
    refresh_days: int


def next_refresh(terms: Terms, now: datetime) -> tuple[str, Successor]:
    """A refresh token after `now`, and the row that will stand for it."""
    expires_at = min(now + timedelta(days=terms.refresh_days), terms.ends_at)
    token_id = ids.uuid7()
    token = tokens.refresh_tokens().issue(_claims(terms, token_id, now, expires_at))
    sealed = secrets.encrypt(token).encode()
    return token, Successor(token_id, digest_of(token), expires_at, sealed)


def make_pair(terms: Terms, refresh: str, refresh_ends: datetime, now: datetime) -> Pair:
    """The pair of a fresh access token and `refresh`, which is good until `refresh_ends`."""
    access_ends = min(now + timedelta(minutes=terms.access_minutes), terms.ends_at)
    return Pair(
        access=tokens.access_tokens().issue(_claims(terms, ids.uuid7(), now, access_ends)),
        refresh=refresh,
        expires_in=int((access_ends - now).total_seconds()),
        refresh_expires_in=int((refresh_ends - now).total_seconds()),
        session_id=terms.session_id,
        session_expires_at=terms.ends_at,
        person=terms.person,
    )


def _claims(terms: Terms, token_id: UUID, now: datetime, expires_at: datetime) -> tokens.Claims:
    return tokens.Claims(
        tenant_id=terms.person.tenant_id,
        user_id=terms.person.user_id,
        membership_id=terms.person.membership_id,
        session_id=terms.session_id,
        token_id=token_id,
        issued_at=int(now.timestamp()),
        expires_at=int(expires_at.timestamp()),
        auth_time=int(terms.auth_time.timestamp()),
    )


def digest_of(token: str) -> bytes:
    """What is stored of a refresh token."""
    return hashlib.sha256(token.encode()).digest()


def unseal(successor: bytes) -> str:
    """The refresh token that was sealed for a retry."""
    return secrets.decrypt(successor.decode())
