"""Second factors as v1 reads and shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from tenants.api.v1.serializers import PairOut
from tenants.domain.factors import Answer, Method
from tenants.domain.passwords import LONGEST
from tenants.http.serializers import CleanCharField, PublicIdField, StrictSerializer

LONGEST_CODE = 64
LONGEST_TOKEN = 4096


@extend_schema_field(
    {
        "type": "object",
        "description": "What `PublicKeyCredential.toJSON()` gives in the browser.",
        "additionalProperties": True,
    }
)
class CredentialField(serializers.JSONField):
    """A passkey's answer in the JSON form of the browser; what it has to hold is checked with it."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValidationError("Expected a JSON object.", code="wrong-type")
        return super().to_internal_value(data)


class _AnswerIn(StrictSerializer):
    """`needed` names the members that each method takes; one that is not in it is not taken."""

    needed: dict[str, tuple[str, ...]]
    # The same choices everywhere: the schema has one name for them.
    method = serializers.ChoiceField([method.value for method in Method])

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["method"] not in self.needed:
            raise ValidationError({"method": [ErrorDetail("Not here.", code="invalid_choice")]})
        faults = {
            name: [ErrorDetail("This method takes it.", code="required")]
            for name in self.needed[attrs["method"]]
            if name not in attrs
        }
        if faults:
            raise ValidationError(faults)
        return attrs


class ProofIn(_AnswerIn):
    """That it is you: `password`; `code` of an app or a recovery code; or `ceremony` and `credential`."""

    needed = {
        Method.PASSWORD: ("password",),
        Method.TOTP: ("code",),
        Method.RECOVERY_CODE: ("code",),
        Method.PASSKEY: ("ceremony", "credential"),
    }
    password = CleanCharField(max_length=LONGEST, required=False, trim_whitespace=False)
    code = CleanCharField(max_length=LONGEST_CODE, required=False)
    ceremony = PublicIdField("chl", required=False)
    credential = CredentialField(required=False)


class ProvedIn(StrictSerializer):
    proof = ProofIn()


class MaybeProvedIn(StrictSerializer):
    """The first factor needs no proof, each further one does."""

    proof = ProofIn(required=False)


class TotpIn(MaybeProvedIn):
    name = CleanCharField(max_length=100, required=False)


class CodeIn(StrictSerializer):
    code = CleanCharField(max_length=LONGEST_CODE)


class PasskeyIn(StrictSerializer):
    ceremony = PublicIdField("chl")
    credential = CredentialField()
    name = CleanCharField(max_length=100, required=False)


class ChallengeIn(StrictSerializer):
    """`challenge` is the token that came with `mfa-required`."""

    challenge = CleanCharField(max_length=LONGEST_TOKEN)


class VerifyIn(_AnswerIn):
    """A second factor: `code`, or `credential`; the password was asked for before."""

    needed = {
        Method.TOTP: ("code",),
        Method.RECOVERY_CODE: ("code",),
        Method.PASSKEY: ("credential",),
    }
    challenge = CleanCharField(max_length=LONGEST_TOKEN)
    code = CleanCharField(max_length=LONGEST_CODE, required=False)
    credential = CredentialField(required=False)


class EnrolmentTotpIn(ChallengeIn):
    name = CleanCharField(max_length=100, required=False)


class EnrolmentCodeIn(ChallengeIn):
    totp = PublicIdField("otp")
    code = CleanCharField(max_length=LONGEST_CODE)


class EnrolmentPasskeyIn(ChallengeIn):
    credential = CredentialField()
    name = CleanCharField(max_length=100, required=False)


class ForcedPasswordIn(ChallengeIn):
    """`old_password` only where a directory keeps the password."""

    new_password = CleanCharField(max_length=LONGEST, trim_whitespace=False)
    old_password = CleanCharField(max_length=LONGEST, required=False, allow_blank=True, trim_whitespace=False)


class TotpOut(serializers.Serializer[Any]):
    id = PublicIdField("otp")
    name = serializers.CharField()
    confirmed_at = serializers.DateTimeField()


class PasskeyOut(serializers.Serializer[Any]):
    id = PublicIdField("pky")
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class FactorsOut(serializers.Serializer[Any]):
    """`methods` can be shown at a login now; `is_required` by the tenant."""

    is_required = serializers.BooleanField()
    methods = serializers.ListField(child=serializers.CharField())
    totp = TotpOut(many=True)
    passkeys = PasskeyOut(many=True)
    recovery_codes_left = serializers.IntegerField()


class EnrolmentOut(serializers.Serializer[Any]):
    """Shown once. `qr_svg` is `otpauth_uri` for a camera."""

    id = PublicIdField("otp")
    name = serializers.CharField()
    secret = serializers.CharField()
    otpauth_uri = serializers.CharField(source="uri")
    qr_svg = serializers.CharField()


class CodesOut(serializers.Serializer[Any]):
    """Shown once; none if there were some already."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class OptionsOut(serializers.Serializer[Any]):
    """For `PublicKeyCredential.parse…OptionsFromJSON()`."""

    public_key = serializers.DictField()


class CeremonyOut(OptionsOut):
    ceremony = serializers.CharField(source="id")


class RegisteredOut(CodesOut):
    passkey = PasskeyOut()


class NextStepOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    challenge = serializers.CharField(source="extra.challenge")
    expires_in = serializers.IntegerField(source="extra.expires_in")


class OutcomeOut(CodesOut):
    """`login` is the pair, or null where `next` says what is still missing."""

    login = PairOut(source="pair", allow_null=True)
    next = NextStepOut(source="next_step", allow_null=True)


def answer_of(given: dict[str, Any] | None) -> Answer | None:
    """What a `ProofIn` or a `VerifyIn` shows; None where there was none."""
    if given is None:
        return None
    return Answer(
        method=Method(given["method"]),
        text=given.get("password") or given.get("code") or "",
        credential=given.get("credential"),
        ceremony=given.get("ceremony"),
    )
