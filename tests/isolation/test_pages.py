"""Who may see which page: every page × role, and nobody without a login.

The table is the whole truth: a page that is not in it fails, and so does a row without a page. Foreign
records are looked for beside the page that shows them (`tests/invoicing/web`).
"""

from typing import Any, Final

import pytest

from invoicing.services.creating import create_invoice
from tenants.http.guards import methods_of, routes
from tenants.ids import encode, uuid7
from tenants.models import Membership, Session, Tenant
from tenants.web.pages import Page
from tests.factories import make_member, scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity
from tests.factories.pages import PageClient, pages_of
from tests.factories.people import make_invitation, make_key, make_role
from tests.isolation.test_permissions import PUBLIC, ROLES, Row

TABLE: Final = """
GET   /                       AEVU
GET   /login                  public
POST  /login                  public
GET   /login/sso/return       public
GET   /login/sso/{tenant}     public
GET   /login/sso/{tenant}/return  public
GET   /login/step             public
POST  /login/step             public
POST  /logout                 public
POST  /switch                 AEVU
GET   /security               AEVU
POST  /security               AEVU
GET   /security/change        AEVU
POST  /security/change        AEVU
POST  /security/app           AEVU
POST  /security/passkey       AEVU
GET   /sessions               AEVU
POST  /sessions/end-all       AEVU
POST  /sessions/{session_id}/end  AEVU
GET   /members                A--U
POST  /members                A---
GET   /members/{membership_id}  A--U
POST  /members/{membership_id}  A---
GET   /invitations/accept     public
POST  /invitations/accept     public
POST  /invitations/{invitation_id}  A---
GET   /roles                  A--U
POST  /roles                  A---
GET   /roles/{role_id}        A--U
POST  /roles/{role_id}        A---
GET   /api-keys               A---
POST  /api-keys               A---
POST  /api-keys/{api_key_id}  A---
GET   /invoices               AEVU
GET   /invoices/{invoice_id}  AEVU
GET   /invoices/{invoice_id}/credit  AE--
POST  /invoices/{invoice_id}/credit  AE--
POST  /invoices/{invoice_id}/cancel  AE--
POST  /invoices/{invoice_id}/void  A---
POST  /invoices/{invoice_id}/issue  AE--
"""
# Whoever may do this is logged out by it.
LEADS_OUT: Final = {"/sessions/end-all"}
ROWS: Final = [Row(*line.split()) for line in TABLE.strip().splitlines()]
GUARDED: Final = [row for row in ROWS if row.who != PUBLIC]


@pytest.fixture
def path_of(acme: Tenant) -> Any:
    """Takes a row and gives its path, with a record of acme where it names one."""
    with scope_of(acme):
        make_legal_entity()
        record = create_invoice(draft=a_draft(make_customer().id))
    known = {
        "invoice_id": encode("inv", record.id),
        "membership_id": make_member(acme, role="viewer").public_id,
        "role_id": make_role(acme).public_id,
        "invitation_id": make_invitation(acme).public_id,
        "api_key_id": make_key(acme).key.public_id,
    }

    def path(row: Row, member: Membership | None = None) -> str:
        if row.parameter == "session_id":
            return row.path.format(session_id=session_of(member or make_member(acme)))
        return row.path.format(**known)

    return path


def session_of(member: Membership) -> str:
    with scope_of(member.tenant):
        session = Session.objects.filter(membership_id=member.id).first()
        return encode("ses", uuid7() if session is None else session.id)


def test_the_table_and_the_pages_are_the_same() -> None:
    pages = [
        (f"/{route}".replace("<str:", "{").replace(">", "}"), view)
        for route, view in routes()
        if isinstance(view, type) and issubclass(view, Page)
    ]
    tree = {f"{method} {path}" for path, view in pages for method in methods_of(view) if method != "HEAD"}
    assert tree == {f"{row.method} {row.path}" for row in ROWS}


@pytest.mark.parametrize("row", GUARDED, ids=str)
def test_without_a_login_a_page_leads_to_the_login(row: Row, path_of: Any) -> None:
    client = PageClient()
    path = path_of(row)
    answer = client.get(path) if row.method == "GET" else client.submit(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login")


@pytest.mark.parametrize("role", ROLES.values())
@pytest.mark.parametrize("row", GUARDED, ids=str)
def test_a_role_sees_the_pages_of_the_table_and_no_others(
    row: Row, role: str, acme: Tenant, path_of: Any
) -> None:
    member = make_member(acme, role=role)
    client = pages_of(member)
    path = path_of(row, member)
    answer = client.get(path) if row.method == "GET" else client.submit(path)
    if row.allows(role):
        assert answer.status_code not in (401, 403, 404, 405, 500)
        if row.path not in LEADS_OUT:
            assert not answer.headers.get("Location", "").startswith("/login")
    else:
        assert answer.status_code == 403
