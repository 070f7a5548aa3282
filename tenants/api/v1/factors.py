"""v1: the second factors of whoever is logged in, and an administrator's way to reset them."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids
from tenants.api.v1 import factor_examples as examples
from tenants.api.v1.factor_serializers import (
    CeremonyOut,
    CodeIn,
    CodesOut,
    EnrolmentOut,
    FactorsOut,
    MaybeProvedIn,
    PasskeyIn,
    ProvedIn,
    RegisteredOut,
    TotpIn,
    answer_of,
)
from tenants.capabilities import MEMBERS_MANAGE
from tenants.http.callers import own_membership_id
from tenants.http.idempotency import idempotent
from tenants.http.permissions import SIGNED_IN
from tenants.http.serializers import validated
from tenants.http.versions import V1View
from tenants.selectors.factors import ensure_own_passkey, ensure_own_totp
from tenants.services.factors import reset_factors
from tenants.workflows import factors

_ONCE = {"Cache-Control": "no-store"}


class Factors(V1View):
    """What I can show beside my password."""

    capability = SIGNED_IN

    @extend_schema(operation_id="auth_mfa_list", summary="My second factors", responses=FactorsOut)
    def get(self, request: Request) -> HttpResponseBase:
        del request
        return Response(FactorsOut(factors.mine()).data)


class Totp(V1View):
    """Authenticator apps."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_totp_enrol",
        summary="Begin with an authenticator app; the secret is shown once",
        request=TotpIn,
        responses={201: EnrolmentOut},
        examples=[examples.APP],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(TotpIn, request.data)
        begun = factors.enrol_totp(name=given.get("name", ""), proof=answer_of(given.get("proof")))
        return Response(EnrolmentOut(begun).data, status=201, headers=_ONCE)


class TotpConfirmation(V1View):
    """The first code of an app."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_totp_confirm",
        summary="Confirm an app by a code; with the first factor come recovery codes, shown once",
        request=CodeIn,
        responses=CodesOut,
        examples=[examples.CODE],
    )
    def post(self, request: Request, totp_id: str) -> HttpResponseBase:
        device_id = ids.decode("otp", totp_id)
        ensure_own_totp(membership_id=own_membership_id(), device_id=device_id)
        codes = factors.confirm_totp(device_id=device_id, code=validated(CodeIn, request.data)["code"])
        return Response(CodesOut({"recovery_codes": codes}).data, headers=_ONCE)


class TotpRemoval(V1View):
    """Away with an app."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_totp_remove",
        summary="Remove an app; needs the password or a factor",
        request=ProvedIn,
        responses={204: None},
        examples=[examples.PROOF],
    )
    def post(self, request: Request, totp_id: str) -> HttpResponseBase:
        device_id = ids.decode("otp", totp_id)
        ensure_own_totp(membership_id=own_membership_id(), device_id=device_id)
        proof = answer_of(validated(ProvedIn, request.data)["proof"])
        factors.remove_totp(device_id=device_id, proof=proof)
        return Response(status=204)


class PasskeyOptions(V1View):
    """The beginning of a registration."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_passkeys_options",
        summary="What to ask the browser for a new passkey; good for one answer within five minutes",
        request=MaybeProvedIn,
        responses=CeremonyOut,
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(MaybeProvedIn, request.data)
        begun = factors.begin_registration(proof=answer_of(given.get("proof")))
        return Response(CeremonyOut(begun).data, headers=_ONCE)


class Passkeys(V1View):
    """The end of it."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_passkeys_register",
        summary="Register the passkey that the browser made",
        request=PasskeyIn,
        responses={201: RegisteredOut},
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(PasskeyIn, request.data)
        passkey, codes = factors.register_passkey(
            ceremony_id=given["ceremony"], name=given.get("name", ""), credential=given["credential"]
        )
        shown = RegisteredOut({"passkey": passkey, "recovery_codes": codes}).data
        return Response(shown, status=201, headers=_ONCE)


class PasskeyRemoval(V1View):
    """Away with a passkey."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_passkeys_remove",
        summary="Remove a passkey; needs the password or a factor",
        request=ProvedIn,
        responses={204: None},
        examples=[examples.PROOF],
    )
    def post(self, request: Request, passkey_id: str) -> HttpResponseBase:
        key = ids.decode("pky", passkey_id)
        ensure_own_passkey(membership_id=own_membership_id(), passkey_id=key)
        proof = answer_of(validated(ProvedIn, request.data)["proof"])
        factors.remove_passkey(passkey_id=key, proof=proof)
        return Response(status=204)


class RecoveryCodes(V1View):
    """New recovery codes."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_recovery_codes",
        summary="Ten new recovery codes, shown once; those before are void",
        request=ProvedIn,
        responses=CodesOut,
        examples=[examples.PROOF],
    )
    def post(self, request: Request) -> HttpResponseBase:
        proof = answer_of(validated(ProvedIn, request.data)["proof"])
        codes = factors.new_recovery_codes(proof=proof)
        return Response(CodesOut({"recovery_codes": codes}).data, headers=_ONCE)


class ProofOptions(V1View):
    """A passkey as a proof."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_mfa_proof_options",
        summary="What to ask the browser for a passkey that is to prove who you are",
        request=None,
        responses=CeremonyOut,
    )
    def post(self, request: Request) -> HttpResponseBase:
        del request
        return Response(CeremonyOut(factors.begin_proof()).data, headers=_ONCE)


class SecondFactorReset(V1View):
    """For somebody who has lost everything."""

    capability = MEMBERS_MANAGE

    @extend_schema(
        operation_id="members_reset_second_factor",
        summary="Take all second factors of another member away; the member's sessions end",
        request=None,
        responses={204: None},
    )
    @idempotent
    def post(self, request: Request, membership_id: str) -> HttpResponseBase:
        del request
        reset_factors(membership_id=ids.decode("mem", membership_id))
        return Response(status=204)
