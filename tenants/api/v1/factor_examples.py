"""Examples for the schema of v1's second factors."""

from drf_spectacular.utils import OpenApiExample

_TOKEN = "eyJhbGciOiJIUzI1NiIs…"  # noqa: S105 a beginning that anybody may see

APP = OpenApiExample("an app", value={"name": "Phone"}, request_only=True)
CODE = OpenApiExample("code", value={"code": "492039"}, request_only=True)
PROOF = OpenApiExample("by a code", value={"proof": {"method": "totp", "code": "492039"}}, request_only=True)
CHALLENGE = OpenApiExample("challenge", value={"challenge": _TOKEN}, request_only=True)
VERIFY = OpenApiExample(
    "a code", value={"challenge": _TOKEN, "method": "totp", "code": "492039"}, request_only=True
)
FORCED = OpenApiExample(
    "a new password",
    value={"challenge": _TOKEN, "new_password": "a much better passphrase"},
    request_only=True,
)
