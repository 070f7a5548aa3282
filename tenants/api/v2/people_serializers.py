"""Members, roles, invitations and API keys as v2 reads and shows them."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from tenants.domain.passwords import LONGEST
from tenants.http.serializers import (
    CleanCharField,
    PublicIdField,
    StrictBooleanField,
    StrictIntegerField,
    StrictSerializer,
)
from tenants.selectors.invitations import state_of
from tenants.services.api_keys import LIVES, LIVES_AT_MOST, OVERLAP, OVERLAP_AT_MOST


def _legal_entities() -> serializers.ListField:
    """What a member is held to."""
    return serializers.ListField(
        child=PublicIdField("le"), max_length=200, required=False, help_text="none is all"
    )


class MemberIn(StrictSerializer):
    """What of a member can be changed."""

    role = CleanCharField(max_length=50, required=False)
    must_change_password = StrictBooleanField(required=False)
    legal_entities = _legal_entities()


class MemberDetailOut(serializers.Serializer[Any]):
    """A member; `locked_until` is when logins under the name are possible again everywhere."""

    id = PublicIdField("mem")
    user = PublicIdField("usr", source="user_id")
    username = serializers.CharField()
    name = serializers.CharField(source="user.name")
    email = serializers.CharField(source="user.email")
    role = serializers.CharField()
    is_active = serializers.BooleanField()
    must_change_password = serializers.BooleanField()
    legal_entities = serializers.ListField(child=PublicIdField("le"))
    locked_until = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_locked_until(self, member: Any) -> str | None:
        value = self.context["locked_until"]
        return None if value is None else str(serializers.DateTimeField().to_representation(value))


class RoleIn(StrictSerializer):
    name = CleanCharField(max_length=50)
    title = CleanCharField(max_length=100)
    capabilities = serializers.ListField(child=CleanCharField(max_length=64), max_length=200)


class RolePatchIn(StrictSerializer):
    title = CleanCharField(max_length=100, required=False)
    capabilities = serializers.ListField(child=CleanCharField(max_length=64), max_length=200, required=False)


class RoleOut(serializers.Serializer[Any]):
    """A role; those without an id are built in and cannot be changed."""

    id = PublicIdField("rol", allow_null=True)
    name = serializers.CharField()
    title = serializers.CharField()
    capabilities = serializers.ListField(child=serializers.CharField())
    is_builtin = serializers.BooleanField()
    is_active = serializers.BooleanField()
    members = serializers.IntegerField()
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class InvitationIn(StrictSerializer):
    """With `legal_entities` whoever accepts is held to these."""

    email = CleanCharField(max_length=254)
    role = CleanCharField(max_length=50)
    legal_entities = _legal_entities()


class InvitationOut(serializers.Serializer[Any]):
    id = PublicIdField("ivt")
    email = serializers.CharField()
    role = serializers.CharField()
    legal_entities = serializers.ListField(child=PublicIdField("le"))
    state = serializers.SerializerMethodField()
    invited_by = PublicIdField("mem", source="invited_by_id")
    accepted_by = PublicIdField("mem", source="accepted_by_id", allow_null=True)
    expires_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_state(self, invitation: Any) -> str:
        return state_of(invitation)


class AcceptIn(StrictSerializer):
    """`name` where the company keeps passwords here; with a directory of its own it says who this is."""

    token = CleanCharField(max_length=100)
    username = CleanCharField(max_length=150)
    password = CleanCharField(max_length=LONGEST, allow_blank=True, trim_whitespace=False)
    name = CleanCharField(max_length=200, required=False)


class JoinIn(StrictSerializer):
    token = CleanCharField(max_length=100)
    username = CleanCharField(max_length=150)


class AcceptedTenantOut(serializers.Serializer[Any]):
    id = PublicIdField("ten")
    slug = serializers.CharField()
    name = serializers.CharField()


class AcceptedOut(serializers.Serializer[Any]):
    """Where and under which name to log in from now on."""

    tenant = AcceptedTenantOut()
    member = PublicIdField("mem", source="member.id")
    username = serializers.CharField(source="member.username")
    role = serializers.CharField(source="member.role")


class ApiKeyIn(StrictSerializer):
    name = CleanCharField(max_length=100)
    scopes = serializers.ListField(child=CleanCharField(max_length=64), max_length=200)
    expires_in_days = StrictIntegerField(
        min_value=1, max_value=LIVES_AT_MOST.days, default=LIVES.days, required=False
    )


class RotateIn(StrictSerializer):
    """For how long the old key goes on working beside the new one."""

    overlap_seconds = StrictIntegerField(
        min_value=0,
        max_value=int(OVERLAP_AT_MOST.total_seconds()),
        default=int(OVERLAP.total_seconds()),
        required=False,
    )


class ApiKeyOut(serializers.Serializer[Any]):
    """A key without its secret: `prefix` is how it begins, `replaces` the key it followed."""

    id = PublicIdField("key")
    name = serializers.CharField()
    prefix = serializers.CharField(source="shown")
    scopes = serializers.ListField(child=serializers.CharField())
    made_by = PublicIdField("mem", source="membership_id")
    replaces = PublicIdField("key", source="replaces_id", allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, default=None)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewApiKeyOut(ApiKeyOut):
    """The only time the secret is shown: `token` goes into `Authorization: Bearer …`."""

    token = serializers.CharField()


def new_key(made: Any) -> dict[str, Any]:
    """A key with its secret; after a rotation `replaces` and until when the old one works."""
    shown = {**ApiKeyOut(made.key).data, "token": made.token}
    if made.replaced is not None:
        ends = serializers.DateTimeField().to_representation(made.replaced.expires_at)
        shown["old_key_works_until"] = ends
    return shown


class RotatedApiKeyOut(NewApiKeyOut):
    old_key_works_until = serializers.DateTimeField()


def _page_of(name: str, item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    fields = {
        "data": item(many=True),
        "next_cursor": serializers.CharField(allow_null=True),
        "has_more": serializers.BooleanField(),
        "total": serializers.IntegerField(required=False),
    }
    return inline_serializer(name, fields)


RoleListOut = _page_of("RoleListOut", RoleOut)
InvitationListOut = _page_of("InvitationListOut", InvitationOut)
ApiKeyListOut = _page_of("ApiKeyListOut", ApiKeyOut)
