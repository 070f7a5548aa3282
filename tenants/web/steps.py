"""The steps of a login after the first: a second factor, its enrolment, a password that has to change.

The token of the challenge travels in a cookie that scripts cannot read; each answer leads to the next
step or to the session, as in the API.
"""

import json
from typing import Annotated, Any, ClassVar
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
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
from tenants.errors import DomainError
from tenants.http import throttling
from tenants.http.callers import client_of
from tenants.http.problems import STATUSES
from tenants.http.query import parse_query
from tenants.http.values import Body
from tenants.models import ChallengePurpose
from tenants.services.challenges import ChallengeRefused
from tenants.services.totp import Enrolment
from tenants.tokens import InvalidToken
from tenants.web import cookies
from tenants.web.addresses import path_within
from tenants.web.arrivals import admit
from tenants.web.pages import Page
from tenants.web.proofs import LONGEST_CREDENTIAL, code_in, credential_in
from tenants.workflows import challenges
from tenants.workflows.challenges import Asked, Outcome

_OVER = (ChallengeRefused, InvalidToken)


class StepIn(Body, kw_only=True):
    """What the forms of a step send, each its own part of it."""

    code: Annotated[str, Meta(max_length=64)] = ""
    credential: Annotated[str, Meta(max_length=LONGEST_CREDENTIAL)] = ""
    totp: Annotated[str, Meta(max_length=40)] = ""
    app: Annotated[str, Meta(max_length=3)] = ""
    new_password: Annotated[str, Meta(max_length=LONGEST)] = ""
    again: Annotated[str, Meta(max_length=LONGEST)] = ""
    old_password: Annotated[str, Meta(max_length=LONGEST)] = ""
    next: str = ""
    csrfmiddlewaretoken: str = ""


def lead_on(page: Page, step: DomainError, target: str) -> HttpResponseBase:
    """Go to the step that `step` asks for, and later to `target`."""
    path = reverse("page-login-step", query={"next": target} if target else {})
    response = page.redirect(path)
    remember(response, step)
    return response


def remember(response: HttpResponseBase, step: DomainError) -> None:
    """Put the challenge of the next step into its cookie."""
    cookies.put_challenge(response, str(step.extra["challenge"]), int(str(step.extra["expires_in"])))


@method_decorator(sensitive_post_parameters("new_password", "old_password", "again", "code"), name="dispatch")
class LoginStep(Page):
    """Whatever the login under way asks for next."""

    public: ClassVar = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self._form(path_within(request.GET.get("next")))
        except _OVER:
            return self._over()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        given = parse_query(request.POST, StepIn)
        target = path_within(given.next)
        try:
            asked = challenges.asked(token=self._token, client=client_of(request))
            return self._take(asked, given, target)
        except _OVER:
            return self._over()
        except DomainError as error:
            if error.is_progress:
                return lead_on(self, error, target)
            if error.retry_after is not None:
                self.headers["Retry-After"] = str(error.retry_after)
            return self._again(given, target, error)

    @property
    def _token(self) -> str:
        return cookies.read_challenge(self.request)

    def _take(self, asked: Asked, given: StepIn, target: str) -> HttpResponseBase:
        if asked.purpose == ChallengePurpose.SECOND_FACTOR:
            return self._show(given, target)
        if asked.purpose == ChallengePurpose.PASSWORD_CHANGE:
            return self._change(given, target)
        if given.app:
            begun = challenges.enrol_totp(token=self._token, name="", client=client_of(self.request))
            return self._app(begun, target)
        return self._enrol(given, target)

    def _show(self, given: StepIn, target: str) -> HttpResponseBase:
        client = client_of(self.request)
        answer = code_in(given.code)
        if given.credential:
            answer = Answer(Method.PASSKEY, credential=credential_in(given.credential))
        with throttling.guessing(self, [throttling.address_limit(client.address)]):
            pair = challenges.answer(token=self._token, answer=answer, client=client)
        admit(self, pair)
        return self._arrived(target)

    def _change(self, given: StepIn, target: str) -> HttpResponseBase:
        if given.new_password != given.again:
            return self._form(target, refusal="The two new passwords differ.", status=400)
        pair = challenges.change_forced_password(
            token=self._token,
            new_password=given.new_password,
            old_password=given.old_password,
            client=client_of(self.request),
        )
        admit(self, pair)
        self.notices.add(constants.SUCCESS, "Your password is changed; your other sessions have ended.")
        return self._arrived(target)

    def _enrol(self, given: StepIn, target: str) -> HttpResponseBase:
        client = client_of(self.request)
        if given.credential:
            outcome = challenges.register_passkey(
                token=self._token, name="", credential=credential_in(given.credential), client=client
            )
        else:
            outcome = challenges.confirm_totp(
                token=self._token, device_id=_device(given.totp), code=given.code, client=client
            )
        return self._enrolled(outcome, target)

    def _enrolled(self, outcome: Outcome, target: str) -> HttpResponseBase:
        onward = target or settings.LOGIN_REDIRECT_URL
        if outcome.pair is not None:
            admit(self, outcome.pair)
        elif target:
            onward = reverse("page-login-step", query={"next": target})
        else:
            onward = reverse("page-login-step")
        if not outcome.recovery_codes:
            response: HttpResponseBase = self.redirect(onward)
        else:
            context = {"codes": outcome.recovery_codes, "onward": onward}
            response = self.render("tenants/step_codes.html", context)
        if outcome.next_step is not None:
            remember(response, outcome.next_step)
        else:
            cookies.put_challenge(response, "", 0)
        return response

    def _form(self, target: str, *, refusal: str = "", status: int = 200) -> HttpResponseBase:
        client = client_of(self.request)
        asked = challenges.asked(token=self._token, client=client)
        wants_passkey = asked.purpose == ChallengePurpose.ENROLMENT or Method.PASSKEY in asked.methods
        context: dict[str, Any] = {"asked": asked, "next": target, "refusal": refusal, "options": ""}
        context["shortest"] = asked.shortest
        if asked.purpose != ChallengePurpose.PASSWORD_CHANGE and wants_passkey and ceremonies.are_possible():
            context["options"] = json.dumps(challenges.passkey_options(token=self._token, client=client))
        return self.render(_TEMPLATES[asked.purpose], context, status=status)

    def _app(
        self, begun: Enrolment, target: str, *, refusal: str = "", status: int = 200
    ) -> HttpResponseBase:
        context = {**shown(begun), "next": target, "refusal": refusal}
        return self.render("tenants/step_app.html", context, status=status)

    def _again(self, given: StepIn, target: str, error: DomainError) -> HttpResponseBase:
        """The form once more, with what was wrong; an app that was shown is shown again."""
        told = " ".join(fault.detail for fault in error.errors) or error.detail
        status = STATUSES[error.kind]
        client = client_of(self.request)
        try:
            if given.totp:
                begun = challenges.pending_totp(
                    token=self._token, device_id=_device(given.totp), client=client
                )
                return self._app(begun, target, refusal=told, status=status)
            return self._form(target, refusal=told, status=status)
        except _OVER:
            return self._over()

    def _arrived(self, target: str) -> HttpResponseBase:
        response = self.redirect(target or settings.LOGIN_REDIRECT_URL)
        cookies.put_challenge(response, "", 0)
        return response

    def _over(self) -> HttpResponseBase:
        self.notices.add(constants.INFO, ChallengeRefused.message)
        response = self.redirect(settings.LOGIN_URL)
        cookies.put_challenge(response, "", 0)
        return response


_TEMPLATES: dict[str, str] = {
    ChallengePurpose.SECOND_FACTOR: "tenants/step_factor.html",
    ChallengePurpose.ENROLMENT: "tenants/step_enrol.html",
    ChallengePurpose.PASSWORD_CHANGE: "tenants/step_password.html",
}


def shown(begun: Enrolment) -> dict[str, Any]:
    """An app that waits for its code, for `tenants/app_code.html`; the key in groups of four."""
    groups = [begun.secret[start : start + 4] for start in range(0, len(begun.secret), 4)]
    picture = f"data:image/svg+xml;charset=utf-8,{quote(begun.qr_svg)}"
    return {"picture": picture, "groups": groups, "totp": ids.encode("otp", begun.id)}


def _device(text: str) -> UUID:
    return ids.decode("otp", text)
