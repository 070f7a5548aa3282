"""The typed environment: nothing is guessed, and default secrets serve development only."""

import environ
import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from config.env import ALIASES, Environment

URL = "postgresql://app:p%40ss@/quittance?host=%2Frun%2Fsockets&port=5433&sslmode=disable"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which nothing of ours is set."""
    names = [name.upper() for name in vars(Environment) if not name.startswith("_")]
    for name in (*names, *ALIASES.values()):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def read() -> Environment:
    return Environment(environ.Env())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEBUG", "maybe"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("LOG_LEVEL", "loud"),
        ("MAIL_TRANSPORT", "pigeon"),
        ("JWT_ALGORITHM", "none"),
        ("FIELD_ENCRYPTION_KEYS", "short"),
        ("REDIS_URL", "http://cache"),
        ("PUBLIC_BASE_URL", "billing.example"),
        ("OUTBOUND_ALLOW_LOOPBACK", "2"),
        ("MAX_LOGIN_LIFETIME_HOURS", "0"),
        ("MAX_LOGIN_LIFETIME_HOURS", "2161"),
        ("MAX_LOGIN_LIFETIME_HOURS", "long"),
    ],
)
def test_a_malformed_value_is_refused_by_name(bare: pytest.MonkeyPatch, variable: str, value: str) -> None:
    bare.setenv(variable, value)
    with pytest.raises(ImproperlyConfigured, match=variable):
        getattr(read(), variable.lower())


@pytest.mark.parametrize("variable", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "JWT_SIGNING_KEY"])
def test_without_debug_no_secret_has_a_default(bare: pytest.MonkeyPatch, variable: str) -> None:
    bare.setenv("DEBUG", "false")
    with pytest.raises(ImproperlyConfigured, match="is not set"):
        getattr(read(), variable.lower())


def test_naming_a_database_turns_debug_off(bare: pytest.MonkeyPatch) -> None:
    assert read().debug
    bare.setenv("DATABASE_URL", URL)
    assert not read().debug


def test_database_urls_become_djangos_settings(bare: pytest.MonkeyPatch) -> None:
    for variable in ALIASES.values():
        bare.setenv(variable, URL)
    databases = read().databases
    assert set(databases) == {"default", "owner", "platform", "audit", "audit_owner", "audit_platform"}
    audit = databases["audit"]
    assert audit["OPTIONS"]["sslmode"] == "disable"
    named = {key: audit[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert named == {
        "NAME": "quittance",
        "USER": "app",
        "PASSWORD": "p@ss",
        "HOST": "/run/sockets",
        "PORT": "5433",
    }


def test_all_six_urls_are_needed_and_a_wrong_one_is_not_repeated(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DATABASE_URL", URL)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_OWNER_URL is not set"):
        _ = read().databases
    bare.setenv("DATABASE_URL", "mysql://root:hunter2@db/x")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is not a PostgreSQL URL") as refusal:
        _ = read().databases
    assert "hunter2" not in str(refusal.value)


def test_asymmetric_tokens_need_a_private_key(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("JWT_ALGORITHM", "EdDSA")
    with pytest.raises(ImproperlyConfigured, match="PEM"):
        _ = read().jwt_signing_key
    bare.setenv("JWT_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----")
    assert read().jwt_signing_key.splitlines()[1] == "abc"


def test_keys_of_an_installation_are_taken_as_given(bare: pytest.MonkeyPatch) -> None:
    keys = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]
    bare.setenv("FIELD_ENCRYPTION_KEYS", ",".join(keys))
    assert read().field_encryption_keys == keys
