"""The same steps on pages: a login under way in a cookie, forms, and my security."""

import json
import re
from typing import Any

import pytest
import time_machine

from tenants.models import Membership, Session, TotpDevice
from tenants.web import cookies
from tests.factories import PASSWORD, scope_of
from tests.factories.factors import App, set_rules
from tests.factories.pages import PageClient, pages_of
from tests.factories.passkeys import Authenticator

STEP = "/login/step"
NEW = "quite another passphrase"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def begin(member: Membership, **fields: str) -> PageClient:
    """A browser that has sent name and password and was led on."""
    client = PageClient()
    answer = client.log_in(member, **fields)
    assert answer.status_code == 302
    assert answer["Location"].startswith(STEP)
    assert client.access == ""
    return client


def options_in(answer: Any) -> dict[str, Any]:
    """What the page tells the script to ask the browser for."""
    written = re.search(r'data-options="([^"]+)"', text_of(answer))
    assert written is not None
    found: dict[str, Any] = json.loads(written[1].replace("&quot;", '"'))
    return found


def hidden(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text_of(answer))
    assert found is not None
    return found[1]


def app_in(answer: Any) -> App:
    """The app that scans what the page shows."""
    shown = text_of(answer)
    key = "".join(re.findall(r"<span>([A-Z2-7]{1,4})</span>", shown))
    assert 'src="data:image/svg+xml' in shown
    return App(TotpDevice().id, key, [])


def sessions_of(member: Membership) -> int:
    with scope_of(member.tenant):
        return Session.objects.filter(membership_id=member.id).count()


def test_a_code_leads_in_and_back_to_where_one_wanted_to_go(ada: Membership, phone: App) -> None:
    client = begin(ada, next="/invoices?status=draft")
    page = client.get(f"{STEP}?next=/invoices%3Fstatus%3Ddraft")
    assert "Show that it is you" in text_of(page)
    answer = client.submit(STEP, {"code": phone.code(), "next": "/invoices?status=draft"})
    assert (answer.status_code, answer["Location"]) == (302, "/invoices?status=draft")
    assert client.get("/invoices").status_code == 200
    assert answer.cookies[cookies.CHALLENGE]["max-age"] == 0


def test_the_login_under_way_is_out_of_reach_of_scripts_and_other_sites(ada: Membership, phone: App) -> None:
    del phone
    answer = PageClient().log_in(ada)
    kept = answer.cookies[cookies.CHALLENGE]
    assert (kept["httponly"], kept["samesite"], kept["path"], kept["max-age"]) == (True, "Lax", "/", 600)


def test_a_recovery_code_fits_into_the_same_field(ada: Membership, phone: App) -> None:
    client = begin(ada)
    assert client.submit(STEP, {"code": phone.recovery_codes[0]}).status_code == 302
    assert client.access


@pytest.mark.parametrize(
    "fields", [{"code": "000000"}, {"code": ""}, {"credential": "{"}, {"credential": "[]"}]
)
def test_a_wrong_answer_is_told_and_changes_nothing(
    ada: Membership, phone: App, fields: dict[str, str]
) -> None:
    del phone
    client = begin(ada)
    answer = client.submit(STEP, fields)
    assert answer.status_code == 401
    assert "does not show that it is you" in text_of(answer)
    assert sessions_of(ada) == 0


def test_without_a_login_under_way_a_step_leads_to_the_login(ada: Membership, phone: App) -> None:
    client = PageClient()
    assert client.get(STEP)["Location"] == "/login"
    assert client.submit(STEP, {"code": "000000"})["Location"] == "/login"
    used = begin(ada)
    token = used.cookies[cookies.CHALLENGE].value
    used.submit(STEP, {"code": phone.code()})
    used.cookies[cookies.CHALLENGE] = token
    assert used.get(STEP)["Location"] == "/login"


def test_a_step_cannot_be_sent_from_elsewhere(ada: Membership, phone: App) -> None:
    client = begin(ada)
    assert client.post(STEP, {"code": phone.code()}).status_code == 403
    assert sessions_of(ada) == 0


def test_a_step_leads_to_no_other_site(ada: Membership, phone: App) -> None:
    client = begin(ada)
    answer = client.submit(STEP, {"code": phone.code(), "next": "https://evil.test/"})
    assert answer["Location"] == "/invoices"


def test_the_first_login_enrols_an_app_and_shows_the_codes_once(
    ada: Membership, clock: time_machine.Traveller
) -> None:
    del clock
    set_rules(ada.tenant, second_factor="required")
    client = begin(ada)
    assert "Set up a second factor" in text_of(client.get(STEP))
    shown = client.submit(STEP, {"app": "yes"})
    app = app_in(shown)
    device = hidden(shown, "totp")
    again = client.submit(STEP, {"totp": device, "code": "000000"})
    assert again.status_code == 422
    assert app_in(again).secret == app.secret
    done = client.submit(STEP, {"totp": device, "code": app.code()})
    assert len(re.findall(r"<code>[0-9a-z-]{19}</code>", text_of(done))) == 10
    assert client.get("/invoices").status_code == 200
    assert client.get(STEP)["Location"] == "/login"


@pytest.mark.usefixtures("named_host")
def test_a_passkey_is_enrolled_and_leads_in(ada: Membership) -> None:
    set_rules(ada.tenant, second_factor="required")
    client, key = begin(ada), Authenticator()
    made = key.create(options_in(client.get(STEP)))
    assert "Your recovery codes" in text_of(client.submit(STEP, {"credential": json.dumps(made)}))
    back = begin(ada)
    shown = key.get(options_in(back.get(STEP)))
    assert back.submit(STEP, {"credential": json.dumps(shown)})["Location"] == "/invoices"


def test_a_password_is_changed_by_force(ada: Membership) -> None:
    with scope_of(ada.tenant):
        Membership.objects.filter(id=ada.id).update(must_change_password=True)
    client = begin(ada)
    page = text_of(client.get(STEP))
    assert "At least 12 characters" in page
    assert "old_password" not in page
    differ = client.submit(STEP, {"new_password": NEW, "again": NEW + "!"})
    assert (differ.status_code, "differ" in text_of(differ)) == (400, True)
    weak = client.submit(STEP, {"new_password": "short", "again": "short"})
    assert (weak.status_code, "At least 12 characters." in text_of(weak)) == (400, True)
    assert client.submit(STEP, {"new_password": NEW, "again": NEW})["Location"] == "/invoices"
    assert PageClient().log_in(ada, NEW)["Location"] == "/invoices"


def test_codes_that_were_shown_lead_on_to_a_change_that_is_due(
    ada: Membership, clock: time_machine.Traveller
) -> None:
    del clock
    set_rules(ada.tenant, second_factor="required")
    with scope_of(ada.tenant):
        Membership.objects.filter(id=ada.id).update(must_change_password=True)
    client = begin(ada)
    shown = client.submit(STEP, {"app": "yes"})
    done = client.submit(STEP, {"totp": hidden(shown, "totp"), "code": app_in(shown).code()})
    assert 'href="/login/step"' in text_of(done)
    assert client.access == ""
    assert "Change your password" in text_of(client.get(STEP))


def test_my_security_adds_and_removes_an_app(ada: Membership, clock: time_machine.Traveller) -> None:
    client = pages_of(ada)
    assert "None yet" in text_of(client.get("/security"))
    shown = client.submit("/security/change", {"do": "add-app"})
    app = app_in(shown)
    wrong = client.submit("/security/app", {"totp": hidden(shown, "totp"), "code": "000000"})
    assert (wrong.status_code, app_in(wrong).secret) == (422, app.secret)
    done = client.submit("/security/app", {"totp": hidden(shown, "totp"), "code": app.code()})
    assert "Your recovery codes" in text_of(done)
    listed = text_of(client.get("/security"))
    assert "Authenticator app, since" in listed
    assert "10 of 10 left" in listed
    link = re.search(r"do=remove-app&amp;id=(otp_[0-9a-z]+)", listed)
    assert link is not None
    change = {"do": "remove-app", "id": link[1]}
    assert "Show first that it is you" in text_of(client.get("/security/change", change))
    for proof in ({}, {"code": "000000"}, {"password": "wrong"}):
        assert client.submit("/security/change", {**change, **proof}).status_code == 403
    clock.shift(30)
    assert client.submit("/security/change", {**change, "code": app.code()})["Location"] == "/security"
    assert "None yet" in text_of(client.get("/security"))


@pytest.mark.usefixtures("named_host")
def test_my_security_adds_a_passkey_and_proves_by_it(ada: Membership) -> None:
    client, key = pages_of(ada), Authenticator()
    page = client.submit("/security/change", {"do": "add-passkey"})
    made = json.dumps(key.create(options_in(page)))
    fields = {"ceremony": hidden(page, "ceremony"), "credential": made, "name": "Laptop <1>"}
    assert "Your recovery codes" in text_of(client.submit("/security/passkey", fields))
    assert client.submit("/security/passkey", fields)["Location"] == "/security"
    listed = text_of(client.get("/security"))
    assert "Laptop &lt;1&gt;" in listed
    link = re.search(r"do=remove-passkey&amp;id=(pky_[0-9a-z]+)", listed)
    assert link is not None
    change = {"do": "remove-passkey", "id": link[1]}
    asked = client.get("/security/change", change)
    shown = json.dumps(key.get(options_in(asked)))
    fields = {**change, "ceremony": hidden(asked, "ceremony"), "credential": shown}
    assert client.submit("/security/change", fields)["Location"] == "/security"


def test_my_security_makes_new_codes(ada: Membership, phone: App) -> None:
    client = pages_of(ada)
    answer = client.submit("/security/change", {"do": "new-codes", "password": PASSWORD})
    found = re.findall(r"<code>([0-9a-z-]{19})</code>", text_of(answer))
    assert len(found) == 10
    assert not set(found) & set(phone.recovery_codes)


def test_my_security_changes_the_password(ada: Membership) -> None:
    client = pages_of(ada)
    fields = {"old_password": "wrong", "new_password": NEW, "again": NEW}
    assert client.submit("/security", fields).status_code == 403
    assert client.submit("/security", {**fields, "again": "other"}).status_code == 400
    answer = client.submit("/security", {**fields, "old_password": PASSWORD})
    assert answer["Location"] == "/security"
    assert client.get("/security").status_code == 200


@pytest.mark.parametrize("fields", [{"do": "nonsense"}, {"do": "remove-app", "id": "otp_x"}])
def test_a_change_that_is_none_is_none(ada: Membership, fields: dict[str, str]) -> None:
    assert pages_of(ada).submit("/security/change", fields).status_code in (302, 404)
