"""The steps of a login after the password: a second factor shown or enrolled, a password changed.

Each takes the token of a challenge, which names the tenant and the member and is good for one login. An
attempt is counted before it is looked at; the next step, or the session, follows from what was proved.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tenants import ceremonies, scope
from tenants.actors import Actor, ActorKind
from tenants.backends.base import WrongPassword
from tenants.backends.password import PasswordBackend
from tenants.backends.policy import current_policy
from tenants.backends.registry import backends
from tenants.domain.factors import Answer, Method, proved
from tenants.domain.people import Client
from tenants.errors import DomainError, Kind
from tenants.events import Event, publish
from tenants.models import ChallengePurpose, LoginChallenge, Membership
from tenants.selectors import factors as selectors
from tenants.selectors import members
from tenants.services import challenges, passkeys, proofs, sessions, totp
from tenants.services.pairs import Pair
from tenants.services.totp import Enrolment
from tenants.workflows.proofs import has_shown
from tenants.workflows.steps import proceed

_SHOWING = (ChallengePurpose.SECOND_FACTOR,)
_ENROLLING = (ChallengePurpose.ENROLMENT,)
_CHANGING = (ChallengePurpose.PASSWORD_CHANGE,)


class FactorRefused(DomainError):
    """This code or passkey does not show that it is you."""

    kind, code = Kind.UNAUTHENTICATED, "factor-refused"


class OldPasswordNeeded(DomainError):
    """The directory changes a password only for whoever gives the old one again."""

    kind, code = Kind.INVALID, "old-password-needed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an enrolment at login ended: `recovery_codes` are shown once.

    `pair` is None where something is still missing, which `next_step` says.
    """

    recovery_codes: list[str]
    pair: Pair | None = None
    next_step: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a challenge is about, and the `methods` the member can show.

    `is_external`: a directory keeps the password, and wants the old one again to change it. `shortest` is
    how long a password of ours has to be.
    """

    purpose: str
    is_external: bool
    shortest: int | None
    tenant_name: str
    username: str
    methods: tuple[Method, ...]


def asked(*, token: str, client: Client) -> Asked:
    """What a page shows about a challenge. Raises ChallengeRefused, InvalidToken."""
    with _inside(token, client, (*_SHOWING, *_ENROLLING, *_CHANGING)) as challenge:
        member = _member_of(challenge)
        standing = selectors.standing_of(membership_id=member.id, role=member.role)
        is_external = backends().get(challenge.backend).is_external
        return Asked(
            purpose=challenge.purpose,
            is_external=is_external,
            shortest=None if is_external else current_policy().min_length,
            tenant_name=member.tenant.name,
            username=member.username,
            methods=standing.methods,
        )


def passkey_options(*, token: str, client: Client) -> dict[str, Any]:
    """What the browser is asked for a passkey that is to be shown, or registered at an enrolment.

    Asking again makes the former challenge void. Raises ChallengeRefused, InvalidToken,
    PasskeysUnavailable.
    """
    with _inside(token, client, (*_SHOWING, *_ENROLLING)) as challenge:
        fresh = ceremonies.new_challenge()
        if challenge.purpose == ChallengePurpose.ENROLMENT:
            options = passkeys.creation_options(membership_id=challenge.membership_id, challenge=fresh)
        else:
            known = selectors.known_passkeys(membership_id=challenge.membership_id)
            options = ceremonies.assertion_options(challenge=fresh, known=known)
        proofs.ask_passkey(challenge=challenge, asked=fresh)
        return options


def answer(*, token: str, answer: Answer, client: Client) -> Pair:
    """Show a second factor and go on.

    Raises FactorRefused, ChallengeRefused, TooManyGuesses, InvalidToken, PasswordChangeRequired,
    LoginRefused.
    """
    with _taken(token, client, _SHOWING) as challenge:
        member = _member_of(challenge)
        asked_for = proofs.spend_asked(challenge=challenge)
        if not has_shown(member=member, answer=answer, challenge=asked_for):
            _refused(challenge, {"method": answer.method.value, "address": client.address})
            raise FactorRefused
        return _go_on(challenge, member, answer.method, client)


def enrol_totp(*, token: str, name: str, client: Client) -> Enrolment:
    """Begin with an authenticator app at the first login. Raises ChallengeRefused, InvalidToken."""
    with _inside(token, client, _ENROLLING) as challenge:
        return totp.enrol(membership_id=challenge.membership_id, name=name)


def pending_totp(*, token: str, device_id: UUID, client: Client) -> Enrolment:
    """The app whose code was mistyped, to be shown again. Raises ChallengeRefused, InvalidToken, NotFound."""
    with _inside(token, client, _ENROLLING) as challenge:
        return totp.pending(membership_id=challenge.membership_id, device_id=device_id)


def confirm_totp(*, token: str, device_id: UUID, code: str, client: Client) -> Outcome:
    """Finish with a code and go on. Raises WrongCode, ChallengeRefused, InvalidToken, NotFound."""
    with _taken(token, client, _ENROLLING) as challenge:
        codes = totp.confirm(membership_id=challenge.membership_id, device_id=device_id, code=code)
        return _enrolled(challenge, codes, Method.TOTP, client)


def register_passkey(*, token: str, name: str, credential: Any, client: Client) -> Outcome:
    """Keep the passkey that the browser made, and go on.

    Raises PasskeyRefused, PasskeyTaken, ChallengeRefused, InvalidToken.
    """
    with _taken(token, client, _ENROLLING) as challenge:
        asked_for = proofs.spend_asked(challenge=challenge)
        if asked_for is None:
            raise ceremonies.PasskeyRefused
        _, codes = passkeys.register(
            membership_id=challenge.membership_id, name=name, credential=credential, challenge=asked_for
        )
        return _enrolled(challenge, codes, Method.PASSKEY, client)


def change_forced_password(*, token: str, new_password: str, old_password: str, client: Client) -> Pair:
    """Store a new password for whoever has just proved to know the old one, and go on.

    A directory wants the old one again. Raises WeakPassword, WrongPassword, OldPasswordNeeded,
    ChallengeRefused, InvalidToken, TooManyLogins, DirectoryUnavailable, MfaRequired.
    """
    # Not counted as a guess: what was proved is proved, and a weak password is none.
    with _inside(token, client, _CHANGING) as challenge:
        member = _member_of(challenge)
        _change(challenge, member, new_password, old_password)
        challenges.finish(challenge=challenge)
        is_ours = not backends().get(challenge.backend).is_external
        sessions.follow_password_change(
            user_id=member.user_id, membership_id=member.id, session_id=None, is_ours=is_ours
        )
        member = _member_of(challenge)
        known = challenges.proved_by(challenge)
        changed_at = member.user.password_changed_at if is_ours else None
        return proceed(
            member=member,
            proved=replace(known, must_change=False, credential_set_at=changed_at, auth_time=None),
            client=client,
        )


def _change(challenge: LoginChallenge, member: Membership, new: str, old: str) -> None:
    backend = backends().get(challenge.backend)
    try:
        if isinstance(backend, PasswordBackend):
            backend.replace_password(
                user_id=member.user_id, set_at=challenge.credential_set_at, new_password=new
            )
        elif not old:
            raise OldPasswordNeeded(pointer="/old_password")
        else:
            backend.change_password(user_id=member.user_id, old_password=old, new_password=new)
    except WrongPassword:
        publish(Event("password.refused", "tenants.user", str(member.user_id)), refusal=True)
        raise


def _enrolled(challenge: LoginChallenge, codes: list[str], method: Method, client: Client) -> Outcome:
    """The factor is there, whatever comes next: the codes have to reach whoever they are for."""
    try:
        return Outcome(codes, pair=_go_on(challenge, _member_of(challenge), method, client))
    except DomainError as step:
        if not step.is_progress:
            raise
        return Outcome(codes, next_step=step)


def _go_on(challenge: LoginChallenge, member: Membership, method: Method, client: Client) -> Pair:
    challenges.finish(challenge=challenge)
    known = challenges.proved_by(challenge)
    return proceed(
        member=member, proved=replace(known, factors=tuple(proved(known.factors, method))), client=client
    )


def _refused(challenge: LoginChallenge, data: Mapping[str, Any]) -> None:
    event = Event("mfa.refused", "tenants.membership", str(challenge.membership_id), data)
    publish(event, refusal=True)


def _member_of(challenge: LoginChallenge) -> Membership:
    member = members.own_membership(membership_id=challenge.membership_id)
    if member is None:
        raise challenges.ChallengeRefused
    return member


@contextmanager
def _inside(token: str, client: Client, purposes: tuple[str, ...]) -> Iterator[LoginChallenge]:
    with _scope_of(token):
        yield _still_open(challenges.peek(token=token, client=client, purposes=purposes))


@contextmanager
def _taken(token: str, client: Client, purposes: tuple[str, ...]) -> Iterator[LoginChallenge]:
    with _scope_of(token):
        yield _still_open(challenges.take(token=token, client=client, purposes=purposes))


def _still_open(challenge: LoginChallenge) -> LoginChallenge:
    """Whoever was to enrol the first factor has to show one that was enrolled meanwhile: log in again."""
    if challenge.purpose == ChallengePurpose.ENROLMENT:
        member = challenge.membership
        if selectors.standing_of(membership_id=member.id, role=member.role).has_to_show:
            raise challenges.ChallengeRefused
    return challenge


@contextmanager
def _scope_of(token: str) -> Iterator[UUID]:
    """The tenant of a token, as its member without any right: it is good for logging in only."""
    claims = challenges.claims_of(token)
    actor = Actor(kind=ActorKind.USER, id=claims.user_id, membership_id=claims.membership_id)
    with scope.enter(replace(scope.current(), tenant_id=claims.tenant_id, actor=actor)):
        yield claims.membership_id
