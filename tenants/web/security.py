"""My security: the second factors and the password of whoever is logged in."""

import json
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from django.contrib.messages import constants
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from msgspec import Meta

from tenants import ceremonies, ids
from tenants.domain.factors import Answer, Method
from tenants.domain.passwords import LONGEST
from tenants.errors import DomainError, Kind, NotFound
from tenants.http import throttling
from tenants.http.callers import own_user_id
from tenants.http.permissions import SIGNED_IN
from tenants.http.problems import STATUSES
from tenants.http.query import parse_query
from tenants.http.values import Body, line
from tenants.selectors.factors import Factors
from tenants.services import totp
from tenants.web.pages import Page
from tenants.web.proofs import LONGEST_CREDENTIAL, ProofIn, credential_in, proof_in
from tenants.web.steps import shown
from tenants.workflows import factors, logins
from tenants.workflows.factors import Ceremony

# What can be done, and what is written above the form and on its button.
_CHANGES: Final = {
    "add-app": ("Add an authenticator app", "Continue"),
    "add-passkey": ("Add a passkey", "Continue"),
    "new-codes": ("Make new recovery codes", "Make new codes"),
    "remove-app": ("Remove an authenticator app", "Remove"),
    "remove-passkey": ("Remove a passkey", "Remove"),
}
# Nothing of the page could be shown then.
_WHOLE_PAGE: Final = (Kind.UNAUTHENTICATED, Kind.NOT_FOUND, Kind.UNAVAILABLE)


class PasswordIn(Body, kw_only=True):
    """What the form for a new password sends."""

    old_password: Annotated[str, Meta(max_length=LONGEST)]
    new_password: Annotated[str, Meta(max_length=LONGEST)]
    again: Annotated[str, Meta(max_length=LONGEST)]
    csrfmiddlewaretoken: str = ""


class ChangeIn(ProofIn, kw_only=True):
    """What is to be done, and the proof."""

    do: Annotated[str, Meta(max_length=20)]
    id: Annotated[str, Meta(max_length=40)] = ""


class AppIn(Body, kw_only=True):
    """The first code of an app."""

    totp: Annotated[str, Meta(max_length=40)]
    code: Annotated[str, Meta(max_length=64)] = ""
    csrfmiddlewaretoken: str = ""


class PasskeyIn(Body, kw_only=True):
    """What the browser made."""

    ceremony: Annotated[str, Meta(max_length=40)]
    credential: Annotated[str, Meta(max_length=LONGEST_CREDENTIAL)] = ""
    name: Annotated[str, line(100, blank=True)] = ""
    csrfmiddlewaretoken: str = ""


@method_decorator(sensitive_post_parameters("old_password", "new_password", "again"), name="dispatch")
class Security(Page):
    """What I can show, and my password."""

    capability: ClassVar = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponseBase:
        del request
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        given = parse_query(request.POST, PasswordIn)
        if given.new_password != given.again:
            return self._page("The two new passwords differ.", 400)
        actor = "" if self.actor is None else self.actor.label
        try:
            with throttling.guessing(self, [throttling.account_limit(actor)]):
                logins.change_password(old_password=given.old_password, new_password=given.new_password)
        except DomainError as error:
            return self._page(told(self, error), STATUSES[error.kind])
        self.notices.add(constants.SUCCESS, "Your password is changed; your other sessions have ended.")
        return self.redirect(reverse("page-security"))

    def _page(self, refusal: str = "", status: int = 200) -> HttpResponseBase:
        mine = factors.mine()
        password = logins.password_info(user_id=own_user_id())
        context = {
            "mine": mine,
            "apps": [(ids.encode("otp", each.id), each) for each in mine.totp],
            "passkeys": [(ids.encode("pky", each.id), each) for each in mine.passkeys],
            "password": password,
            "shortest": password.policy.get("min_length"),
            "refusal": refusal,
            "has_passkeys": ceremonies.are_possible(),
        }
        return self.render("tenants/security.html", context, status=status)


@method_decorator(sensitive_post_parameters("password", "code"), name="dispatch")
class FactorChange(Page):
    """One change of my factors, with a proof where one is needed."""

    capability: ClassVar = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self._form(request.GET.get("do", ""), request.GET.get("id", ""))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        given = parse_query(request.POST, ChangeIn)
        try:
            return self._change(given, proof_in(given))
        except DomainError as error:
            return self._form(given.do, given.id, told(self, error), STATUSES[error.kind])

    def _change(self, given: ChangeIn, proof: Answer | None) -> HttpResponseBase:
        if given.do == "add-app":
            begun = factors.enrol_totp(name="", proof=proof)
            return self.render("tenants/security_app.html", shown(begun))
        if given.do == "add-passkey":
            return passkey_page(self, factors.begin_registration(proof=proof))
        if given.do == "new-codes":
            return codes_page(self, factors.new_recovery_codes(proof=proof))
        if given.do == "remove-app":
            factors.remove_totp(device_id=ids.decode("otp", given.id), proof=proof)
        elif given.do == "remove-passkey":
            factors.remove_passkey(passkey_id=ids.decode("pky", given.id), proof=proof)
        else:
            raise NotFound
        self.notices.add(constants.SUCCESS, "Removed. A login does not ask for it any more.")
        return self.redirect(reverse("page-security"))

    def _form(self, do: str, key: str, refusal: str = "", status: int = 200) -> HttpResponseBase:
        if do not in _CHANGES:
            return self.redirect(reverse("page-security"))
        mine = factors.mine()
        heading, label = _CHANGES[do]
        context: dict[str, Any] = {
            "do": do,
            "id": key,
            "about": _name_of(mine, key),
            "heading": heading,
            "label": label,
            "needs_proof": bool(mine.methods) or not do.startswith("add-"),
            "mine": mine,
            "refusal": refusal,
        }
        if Method.PASSKEY in mine.methods and ceremonies.are_possible():
            asked = factors.begin_proof()
            context |= {"options": json.dumps(asked.public_key), "ceremony": asked.id}
        return self.render("tenants/security_change.html", context, status=status)


class AppConfirmation(Page):
    """The first code of an app that was just added."""

    capability: ClassVar = SIGNED_IN

    def post(self, request: HttpRequest) -> HttpResponseBase:
        given = parse_query(request.POST, AppIn)
        device_id = ids.decode("otp", given.totp)
        try:
            codes = factors.confirm_totp(device_id=device_id, code=given.code)
        except totp.WrongCode as error:
            begun = factors.pending_totp(device_id=device_id)
            context = {**shown(begun), "refusal": error.detail}
            return self.render("tenants/security_app.html", context, status=STATUSES[error.kind])
        return added(self, codes, "From now on a login asks for a code of this app.")


class PasskeyRegistration(Page):
    """What the browser made of the wish for a passkey."""

    capability: ClassVar = SIGNED_IN

    def post(self, request: HttpRequest) -> HttpResponseBase:
        given = parse_query(request.POST, PasskeyIn)
        try:
            _, codes = factors.register_passkey(
                ceremony_id=_ceremony(given.ceremony),
                name=given.name,
                credential=credential_in(given.credential),
            )
        except DomainError as error:
            self.notices.add(constants.ERROR, told(self, error))
            return self.redirect(reverse("page-security"))
        return added(self, codes, "From now on a login asks for your passkey.")


def added(page: Page, codes: list[str], notice: str) -> HttpResponseBase:
    """After a new factor: the recovery codes, if there are new ones, else my security."""
    page.notices.add(constants.SUCCESS, notice)
    return codes_page(page, codes) if codes else page.redirect(reverse("page-security"))


def codes_page(page: Page, codes: list[str]) -> HttpResponseBase:
    """Recovery codes, now or never."""
    context = {"codes": codes, "onward": reverse("page-security")}
    return page.render("tenants/security_codes.html", context)


def passkey_page(page: Page, ceremony: Ceremony) -> HttpResponseBase:
    """The button that asks the browser for a new passkey."""
    context = {"options": json.dumps(ceremony.public_key), "ceremony": ceremony.id}
    return page.render("tenants/security_passkey.html", context)


def told(page: Page, error: DomainError) -> str:
    """A refusal in a line or two, for the form that caused it. Raises it if it is about the whole page."""
    if error.kind in _WHOLE_PAGE:
        raise error
    if error.retry_after is not None:
        page.headers["Retry-After"] = str(error.retry_after)
    return " ".join(fault.detail for fault in error.errors) or error.detail


def _name_of(mine: Factors, key: str) -> str:
    named = {ids.encode("otp", each.id): each.name for each in mine.totp}
    named |= {ids.encode("pky", each.id): each.name for each in mine.passkeys}
    return named.get(key, "")


def _ceremony(text: str) -> UUID:
    return ids.decode("chl", text)
