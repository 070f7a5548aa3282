"""A real OpenID provider on loopback: oidc-provider on Node behind a certificate made for the occasion."""

import contextlib
import json
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

from tenants import ids
from tenants.models import LoginConfiguration, Tenant
from tests.databases import REPOSITORY
from tests.factories.tenancy import scope_of

SERVER = REPOSITORY / "tests" / "tenants" / "oidc" / "provider" / "server.mjs"
NODE = REPOSITORY / ".venv" / "node"
MISSING = "oidc-provider is missing: python3 requirements/install.py system (Node 20 or newer)"
CLIENT_ID = "5f6c1c1e-7d0c-4f3e-9a55-0c8c6c1a7b11"
CLIENT_SECRET = "a secret of at least thirty-two characters"
ACCOUNT_PASSWORD = "the provider's own business"
_TLS_DAYS = 2


@dataclass(frozen=True)
class Directory:
    """The process: `ca` is what has to be trusted to believe it, in PEM; `tls` does so."""

    origin: str
    ca: str
    tls: ssl.SSLContext = field(repr=False)

    def command(self, **order: Any) -> Any:
        """Ask for one of the doors of server.mjs."""
        with httpx2.Client(verify=self.tls, trust_env=False) as client:
            answer = client.post(f"{self.origin}/control", content=json.dumps(order).encode())
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass(frozen=True)
class House:
    """One provider of the process, which nobody else uses. `tid` names it as a directory of Entra."""

    directory: Directory
    path: str
    tid: str

    @property
    def issuer(self) -> str:
        return f"{self.directory.origin}{self.path}"

    def change(self, **options: Any) -> None:
        """`thin`, `rotates`, `silent`, `withholdsRenewal`, `demandsBrowser`: see server.mjs."""
        self.directory.command(do="change", path=self.path, options=options)

    def account(self, username: str = "ada", *, amr: list[str] | None = None, **claims: Any) -> str:
        """Somebody who can sign in; returns the subject. The same name again changes them."""
        known = {"oid": username, "tid": self.tid, "name": "Ada Lovelace", "preferred_username": username}
        account = {
            "username": username,
            "password": ACCOUNT_PASSWORD,
            "amr": amr,
            "claims": {**known, **claims},
        }
        self.directory.command(do="account", path=self.path, id=username, account=account)
        return username

    def dismiss(self, username: str = "ada") -> None:
        """The person is known no longer."""
        self.directory.command(do="account", path=self.path, id=username, account=None)

    def revoke(self, username: str = "ada") -> None:
        """Take the person's refresh tokens back."""
        self.directory.command(do="revoke", path=self.path, id=username)

    def rotate(self) -> None:
        """Sign with a new key from now on, and forget the old one."""
        self.directory.command(do="rotate", path=self.path, key=make_signing_key())

    def reply(self, route: str, **reply: Any) -> None:
        """Change one answer: `members` go over its body, `whole` replaces it; `drops`, `status`, `stays`."""
        self.directory.command(do="reply", path=self.path, route=route, reply=reply)

    def seen(self) -> list[dict[str, str]]:
        """The requests since one asked last."""
        found: list[dict[str, str]] = self.directory.command(do="seen", path=self.path)
        return found

    def sign_in(self, url: str, username: str = "ada", *, answer: str = "yes") -> str:
        """Do as a browser does that was sent to `url`; returns the address of ours it is sent back to."""
        form = {"username": username, "password": ACCOUNT_PASSWORD, "answer": answer}
        with httpx2.Client(verify=self.directory.tls, trust_env=False) as client:
            response = client.get(url)
            for _ in range(10):
                location = response.headers.get("location", "")
                if location and not location.startswith((self.directory.origin, "/")):
                    return str(location)
                if location:
                    response = client.get(httpx2.URL(str(response.url)).join(location))
                else:
                    assert "<form" in response.text, response.text
                    response = client.post(str(response.url), data=form)
        raise AssertionError("the provider sends in circles")


@contextmanager
def running() -> Iterator[Directory]:
    """The process; without Node or its packages a skip with the reason, in CI a failure."""
    node = shutil.which("node")
    if node is None or not (NODE / ".installed").exists():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
        key.touch(mode=0o600)
        for path, content in zip((key, certificate), make_certificate(), strict=True):
            path.write_bytes(content)
        signing = Path(folder) / "signing.jwk"
        signing.write_text(json.dumps(make_signing_key()))
        command = [node, str(SERVER), str(NODE / "node_modules"), *map(str, (key, certificate, signing))]
        quiet = {**os.environ, "NODE_NO_WARNINGS": "1"}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=quiet, **pipes) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            try:
                port = int(server.stdout.readline())
                ca = certificate.read_text()
                yield Directory(f"https://localhost:{port}", ca, ssl.create_default_context(cadata=ca))
            finally:
                with contextlib.suppress(OSError):
                    server.stdin.close()


def open_house(directory: Directory, *callbacks: str, path: str = "", **options: Any) -> House:
    """A new provider with Ada in it, who knows us; `callbacks` are further addresses to return to."""
    tid = str(uuid4())
    house = House(directory, path or f"/{tid}/v2.0", tid)
    directory.command(do="open", path=house.path, options={"client": client_at(*callbacks), **options})
    house.account()
    return house


def client_at(*callbacks: str, **changes: Any) -> dict[str, Any]:
    """Us, as a provider registers us; `callbacks` are further addresses to return to."""
    shared = [f"{settings.PUBLIC_BASE_URL}/api/v{number}/auth/sso/callback" for number in (1, 2)]
    return {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "refresh_token", "password"],
        "redirect_uris": [*shared, *callbacks],
        **changes,
    }


def settings_for(house: House, **changes: Any) -> dict[str, Any]:
    """The settings of the backend "oidc" for this provider."""
    return {"issuer": house.issuer, "client_id": CLIENT_ID, "ca": house.directory.ca, **changes}


def entra_settings_for(house: House, **changes: Any) -> dict[str, Any]:
    """The settings of the backend "entra", with this machine for Microsoft's cloud.

    Entra grants offline_access without asking; the provider here only with the person's consent.
    """
    known = {"directory": house.tid, "client_id": CLIENT_ID, "ca": house.directory.ca, "prompt": "consent"}
    return {**known, "authority": house.directory.origin, **changes}


def configure(tenant: Tenant, backend: str, settings: dict[str, Any], **rules: Any) -> None:
    """Let a tenant log in by `backend`; `rules` are further columns of its configuration."""
    wanted = {"provisions": True, "default_role": "viewer", **rules}
    with scope_of(tenant):
        LoginConfiguration.objects.filter(tenant_id=tenant.id).delete()
        LoginConfiguration.objects.create(
            id=ids.uuid7(),
            tenant_id=tenant.id,
            settings=settings,
            secrets=json.dumps({"client_secret": CLIENT_SECRET}),
            **wanted,
        )
        Tenant.objects.filter(id=tenant.id).update(auth_backend=backend)
        tenant.refresh_from_db()


def make_signing_key() -> dict[str, Any]:
    """A new private key as a JWK, as a provider signs ID tokens with."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True)
    # What it may be used for is said by `use` alone.
    jwk.pop("key_ops", None)
    return {**jwk, "kid": str(uuid4()), "use": "sig", "alg": "RS256"}


def make_certificate() -> tuple[bytes, bytes]:
    """A private key and a certificate of its own making for `localhost`, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_TLS_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, made.public_bytes(serialization.Encoding.PEM)
