"""Texts that are encrypted at rest: gateway keys, directory passwords, signing secrets.

Fernet (AES-128-CBC with HMAC-SHA256) under `settings.FIELD_ENCRYPTION_KEYS`: the first key encrypts,
all of them decrypt. To rotate, put a new key in front, run `rotate` for every model, drop the old.
The database never sees the plain text, so neither do its logs, its replicas and the audit trail.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:
    # Django's fields are generic in the stubs only.
    _TextField = models.TextField


class UndecryptableSecretError(Exception):
    """A stored secret fits none of the configured keys. The ciphertext is never given out instead."""


class _Decrypted(str):
    """A plain text that remembers its ciphertext, so that saving it unchanged changes nothing."""

    __slots__ = ("keys", "token")
    token: str
    keys: tuple[str, ...]


def encrypt(plain: str) -> str:
    """The ciphertext of `plain`; the empty text stays empty."""
    if not plain:
        return ""
    keys = tuple(settings.FIELD_ENCRYPTION_KEYS)
    if isinstance(plain, _Decrypted) and plain.keys == keys:
        return plain.token
    return _cipher(keys).encrypt(plain.encode()).decode()


def decrypt(token: str) -> str:
    """The inverse of `encrypt`. Raises UndecryptableSecretError."""
    if not token:
        return ""
    keys = tuple(settings.FIELD_ENCRYPTION_KEYS)
    try:
        plain = _Decrypted(_cipher(keys).decrypt(token.encode()).decode())
    except InvalidToken:
        raise UndecryptableSecretError("a stored secret fits none of FIELD_ENCRYPTION_KEYS") from None
    plain.token, plain.keys = token, keys
    return plain


def rotated(token: str) -> str:
    """The same secret under the first key. Raises UndecryptableSecretError."""
    if not token:
        return ""
    try:
        return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).rotate(token.encode()).decode()
    except InvalidToken:
        raise UndecryptableSecretError("a stored secret fits none of FIELD_ENCRYPTION_KEYS") from None


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS names no key")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS wants url-safe base64 keys of 32 bytes") from None


class EncryptedTextField(_TextField):
    """A text column that holds ciphertext; '' stays '', NULL stays NULL.

    It cannot be searched: the same text has another ciphertext each time, so every lookup but
    `isnull` is refused. Bulk paths (`update`, `bulk_create`, `bulk_update`) encrypt as well.
    """

    description = "Text, encrypted at rest"

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        # Expressions (a column copied to a column) hold ciphertext already.
        return encrypt(prepared) if isinstance(prepared, str) else prepared

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> str | None:
        del expression, connection
        return None if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> Any:
        del lookup_name


def rotate(rows: Iterable[models.Model], fields: Sequence[str]) -> int:
    """Re-encrypt `fields` of `rows` under the first key; the number of rows written.

    The caller brings the scope and the rows (`Gateway.objects.all().iterator()`).
    """
    written = 0
    for row in rows:
        for name in fields:
            plain = getattr(row, name)
            if isinstance(plain, _Decrypted):
                plain.token = rotated(plain.token)
                plain.keys = tuple(settings.FIELD_ENCRYPTION_KEYS)
        row.save(update_fields=list(fields))
        written += 1
    return written
