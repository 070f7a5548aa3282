"""What logins leave behind is cleared away, and nothing that still matters."""

from datetime import datetime, timedelta

from django.utils import timezone

from tenants import tasks
from tenants.models import (
    ChallengePurpose,
    Invitation,
    LoginChallenge,
    LoginGuard,
    RefreshToken,
    Session,
    SsoRound,
    Tenant,
)
from tests.factories import client_of, make_member, scope_of
from tests.tenants.login.asking import code, refresh


def clear() -> None:
    tasks.clear_dead_logins.func(timestamp=0)


def ago(**units: float) -> datetime:
    return timezone.now() - timedelta(**units)


def test_a_session_that_ended_long_ago_goes_with_its_tokens(acme: Tenant) -> None:
    old, young = client_of(make_member(acme)), client_of(make_member(acme))
    refresh(old)
    with scope_of(acme):
        (dead, alive) = Session.objects.order_by("id")
        Session.objects.filter(id=dead.id).update(ends_at=ago(days=91))
        RefreshToken.objects.filter(session_id=dead.id).update(expires_at=ago(days=91))
    clear()
    with scope_of(acme):
        assert list(Session.objects.values_list("id", flat=True)) == [alive.id]
        assert not RefreshToken.objects.filter(session_id=dead.id).exists()
    assert refresh(young).status_code == 200


def test_a_session_is_kept_as_long_as_it_says_from_where_somebody_logged_in(acme: Tenant) -> None:
    client_of(make_member(acme))
    with scope_of(acme):
        Session.objects.update(ends_at=ago(days=89))
        RefreshToken.objects.update(expires_at=ago(days=89))
    clear()
    with scope_of(acme):
        assert Session.objects.count() == 1
        assert not RefreshToken.objects.exists()


def test_spent_tokens_of_a_living_session_go_and_the_living_one_stays(acme: Tenant) -> None:
    client = client_of(make_member(acme))
    spent = client.refresh
    refresh(client)
    with scope_of(acme):
        RefreshToken.objects.exclude(used_at=None).update(expires_at=ago(days=2))
    clear()
    with scope_of(acme):
        (left,) = RefreshToken.objects.all()
    assert left.parent_id is None
    assert code(refresh(client, spent)) == (401, "refresh-refused")
    assert refresh(client).status_code == 200


def test_reuse_is_still_noticed_for_as_long_as_a_token_would_have_been_good(acme: Tenant) -> None:
    client = client_of(make_member(acme))
    spent = client.refresh
    refresh(client)
    clear()
    assert code(refresh(client_of(make_member(acme)), spent)) == (401, "refresh-reused")


def test_what_was_under_way_long_ago_is_forgotten(acme: Tenant) -> None:
    member = make_member(acme)
    with scope_of(acme):
        for expires_at in (ago(days=2), ago(minutes=-5)):
            LoginChallenge.objects.create(
                tenant_id=acme.id,
                membership_id=member.id,
                purpose=ChallengePurpose.SECOND_FACTOR,
                expires_at=expires_at,
            )
            SsoRound.objects.create(
                tenant_id=acme.id,
                digest=str(expires_at).encode(),
                browser=b"",
                nonce="",
                verifier="",
                expires_at=expires_at,
            )
        for number, touched in enumerate((ago(days=3), ago(hours=1))):
            LoginGuard.objects.create(
                tenant_id=acme.id, username_digest=bytes([number]), failures=3, began_at=touched
            )
            LoginGuard.objects.filter(username_digest=bytes([number])).update(updated_at=touched)
        for expires_at in (ago(days=91), ago(days=89)):
            Invitation.objects.create(
                tenant_id=acme.id,
                email="",
                role="viewer",
                digest=str(expires_at).encode(),
                invited_by_id=member.id,
                expires_at=expires_at,
            )
    clear()
    with scope_of(acme):
        for model in (LoginChallenge, SsoRound, LoginGuard, Invitation):
            assert model.objects.count() == 1, model


def test_a_lock_that_holds_is_kept(acme: Tenant) -> None:
    with scope_of(acme):
        LoginGuard.objects.create(
            tenant_id=acme.id,
            username_digest=b"x",
            failures=50,
            began_at=ago(days=5),
            locked_until=ago(days=-1),
        )
        LoginGuard.objects.update(updated_at=ago(days=5))
    clear()
    with scope_of(acme):
        assert LoginGuard.objects.count() == 1
