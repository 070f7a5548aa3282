"""Examples for the schema of v1's identity operations."""

from drf_spectacular.utils import OpenApiExample

LOG_IN = OpenApiExample(
    "log in",
    value={"tenant": "acme", "username": "ada", "password": "correct horse battery staple"},
    request_only=True,
)
PAIR = OpenApiExample(
    "pair",
    value={
        "access": "eyJhbGciOiJIUzI1NiIs…",
        "refresh": "eyJhbGciOiJIUzI1NiIs…",
        "token_type": "Bearer",
        "expires_in": 1800,
        "refresh_expires_in": 1209600,
        "session_expires_at": "2026-12-20T08:00:00Z",
        "user": {"id": "usr_01jd8m3v9qexc8f3y2w5k7r4ta", "name": "Ada Lovelace", "email": "ada@acme.example"},
        "tenant": {"id": "ten_01jd8m3v9qexc8f3y2w5k7r4tb", "slug": "acme", "name": "Acme"},
        "role": "admin",
    },
    response_only=True,
    status_codes=["200"],
)
REFRESH = OpenApiExample("refresh token", value={"refresh": "eyJhbGciOiJIUzI1NiIs…"}, request_only=True)
SWITCH = OpenApiExample("other tenant", value={"tenant": "globex"}, request_only=True)
PASSWORD = OpenApiExample(
    "change the password",
    value={"old_password": "correct horse battery staple", "new_password": "a much better passphrase"},
    request_only=True,
)
TENANT = OpenApiExample("longer access tokens", value={"access_token_minutes": 45}, request_only=True)
