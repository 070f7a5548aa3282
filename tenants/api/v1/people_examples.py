"""Examples for the schema of v1's members, roles, invitations and API keys."""

from drf_spectacular.utils import OpenApiExample

MEMBER = OpenApiExample("another role", value={"role": "editor"}, request_only=True)
ROLE = OpenApiExample(
    "may draft but not issue",
    value={
        "name": "drafting",
        "title": "Drafting",
        "capabilities": ["catalogue.read", "invoices.read", "invoices.write"],
    },
    request_only=True,
)
ROLE_PATCH = OpenApiExample("another title", value={"title": "Drafts only"}, request_only=True)
INVITATION = OpenApiExample(
    "a colleague", value={"email": "grace@acme.example", "role": "editor"}, request_only=True
)
ACCEPT = OpenApiExample(
    "a new person",
    value={
        "token": "qi_…",
        "name": "Grace Hopper",
        "username": "grace",
        "password": "correct horse battery staple",
    },
    request_only=True,
)
JOIN = OpenApiExample("as who I am", value={"token": "qi_…", "username": "grace"}, request_only=True)
API_KEY = OpenApiExample(
    "for the shop",
    value={"name": "Web shop", "scopes": ["invoices.read", "invoices.write"], "expires_in_days": 90},
    request_only=True,
)
ROTATE = OpenApiExample("an hour for the change", value={"overlap_seconds": 3600}, request_only=True)
