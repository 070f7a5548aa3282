"""v1: what a login may ask for after the password. The token of a challenge stands for the caller."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v1 import examples as pairs
from tenants.api.v1 import factor_examples as examples
from tenants.api.v1.factor_serializers import (
    ChallengeIn,
    EnrolmentCodeIn,
    EnrolmentOut,
    EnrolmentPasskeyIn,
    EnrolmentTotpIn,
    ForcedPasswordIn,
    OptionsOut,
    OutcomeOut,
    VerifyIn,
    answer_of,
)
from tenants.api.v1.serializers import PairOut
from tenants.domain.factors import Answer, Method
from tenants.http import throttling
from tenants.http.callers import client_of
from tenants.http.serializers import validated
from tenants.http.versions import V1View
from tenants.workflows import challenges

_ONCE = {"Cache-Control": "no-store"}


class _Step(V1View):
    """Anybody may come, with a token that we have signed."""

    public = True
    authentication_classes = ()


class Verify(_Step):
    """A second factor."""

    @extend_schema(
        operation_id="auth_mfa_verify",
        summary="Show a second factor and get the pair",
        request=VerifyIn,
        responses=PairOut,
        examples=[examples.VERIFY, pairs.PAIR],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(VerifyIn, request.data)
        client = client_of(request)
        answer = answer_of(given) or Answer(Method.TOTP)
        with throttling.guessing(self, [throttling.address_limit(client.address)]):
            pair = challenges.answer(token=given["challenge"], answer=answer, client=client)
        return Response(PairOut(pair).data, headers=_ONCE)


class VerifyOptions(_Step):
    """A passkey as a second factor."""

    @extend_schema(
        operation_id="auth_mfa_verify_options",
        summary="What to ask the browser for a passkey; asking again makes the former void",
        request=ChallengeIn,
        responses=OptionsOut,
        examples=[examples.CHALLENGE],
    )
    def post(self, request: Request) -> HttpResponseBase:
        token = validated(ChallengeIn, request.data)["challenge"]
        options = challenges.passkey_options(token=token, client=client_of(request))
        return Response(OptionsOut({"public_key": options}).data, headers=_ONCE)


class EnrolTotp(_Step):
    """An authenticator app for whoever has to have a second factor."""

    @extend_schema(
        operation_id="auth_mfa_enrolment_totp",
        summary="Begin with an authenticator app; the secret is shown once",
        request=EnrolmentTotpIn,
        responses={201: EnrolmentOut},
        examples=[examples.CHALLENGE],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(EnrolmentTotpIn, request.data)
        begun = challenges.enrol_totp(
            token=given["challenge"], name=given.get("name", ""), client=client_of(request)
        )
        return Response(EnrolmentOut(begun).data, status=201, headers=_ONCE)


class ConfirmTotp(_Step):
    """Its first code."""

    @extend_schema(
        operation_id="auth_mfa_enrolment_totp_confirm",
        summary="Confirm the app by a code, get recovery codes and the pair",
        request=EnrolmentCodeIn,
        responses=OutcomeOut,
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(EnrolmentCodeIn, request.data)
        outcome = challenges.confirm_totp(
            token=given["challenge"], device_id=given["totp"], code=given["code"], client=client_of(request)
        )
        return Response(OutcomeOut(outcome).data, headers=_ONCE)


class EnrolPasskey(_Step):
    """A passkey for whoever has to have a second factor; its options come from `auth/mfa/verify/options`."""

    @extend_schema(
        operation_id="auth_mfa_enrolment_passkey",
        summary="Register the passkey that the browser made, get recovery codes and the pair",
        request=EnrolmentPasskeyIn,
        responses=OutcomeOut,
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(EnrolmentPasskeyIn, request.data)
        outcome = challenges.register_passkey(
            token=given["challenge"],
            name=given.get("name", ""),
            credential=given["credential"],
            client=client_of(request),
        )
        return Response(OutcomeOut(outcome).data, headers=_ONCE)


class ForcedPassword(_Step):
    """A password that has to be changed first."""

    @extend_schema(
        operation_id="auth_password_forced",
        summary="Change a password that has expired or has to be changed, and get the pair",
        request=ForcedPasswordIn,
        responses=PairOut,
        examples=[examples.FORCED, pairs.PAIR],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(ForcedPasswordIn, request.data)
        pair = challenges.change_forced_password(
            token=given["challenge"],
            new_password=given["new_password"],
            old_password=given.get("old_password", ""),
            client=client_of(request),
        )
        return Response(PairOut(pair).data, headers=_ONCE)
