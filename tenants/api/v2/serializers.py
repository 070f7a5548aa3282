"""Identity as v2 reads and shows it."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from tenants.domain.passwords import LONGEST
from tenants.http.serializers import CleanCharField, PublicIdField, StrictIntegerField, StrictSerializer
from tenants.models import Tenant
from tenants.services.tenant_settings import NUMBERS


class TokenIn(StrictSerializer):
    """An empty password is a wrong one: 401, not 400."""

    tenant = CleanCharField(max_length=63)
    username = CleanCharField(max_length=150)
    password = CleanCharField(max_length=LONGEST, allow_blank=True, trim_whitespace=False)


class RefreshIn(StrictSerializer):
    refresh = CleanCharField(max_length=4096)


class SwitchIn(StrictSerializer):
    tenant = CleanCharField(max_length=63)


class PasswordIn(StrictSerializer):
    old_password = CleanCharField(max_length=LONGEST, allow_blank=True, trim_whitespace=False)
    new_password = CleanCharField(max_length=LONGEST, trim_whitespace=False)


class UserOut(serializers.Serializer[Any]):
    id = PublicIdField("usr", source="user_id")
    name = serializers.CharField(source="user_name")
    email = serializers.CharField(source="user_email")


class TenantRefOut(serializers.Serializer[Any]):
    id = PublicIdField("ten", source="tenant_id")
    slug = serializers.CharField(source="tenant_slug")
    name = serializers.CharField(source="tenant_name")


class PairOut(serializers.Serializer[Any]):
    """Lifetimes are in whole seconds from now."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.CharField(default="Bearer")
    expires_in = serializers.IntegerField()
    refresh_expires_in = serializers.IntegerField()
    session_expires_at = serializers.DateTimeField()
    user = UserOut(source="person")
    tenant = TenantRefOut(source="person")
    role = serializers.CharField(source="person.role")


class SessionOut(serializers.Serializer[Any]):
    id = PublicIdField("ses")
    created_at = serializers.DateTimeField()
    auth_time = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    client_address = serializers.CharField(allow_null=True)
    user_agent = serializers.CharField()
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, session: Any) -> bool:
        return bool(session.id == self.context["session_id"])


class PlaceOut(serializers.Serializer[Any]):
    """Another tenant the person may switch to."""

    id = PublicIdField("ten", source="tenant_id")
    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()


class MeOut(serializers.Serializer[Any]):
    user = UserOut(source="person")
    tenant = TenantRefOut(source="person")
    username = serializers.CharField()
    role = serializers.CharField(source="person.role")
    capabilities = serializers.ListField(child=serializers.CharField())
    session = PublicIdField("ses", source="session_id")
    memberships = PlaceOut(many=True)


class PasswordInfoOut(serializers.Serializer[Any]):
    can_change = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    must_change = serializers.BooleanField()
    policy = serializers.DictField(child=serializers.IntegerField())


class MemberOut(serializers.Serializer[Any]):
    id = PublicIdField("mem")
    user = PublicIdField("usr", source="user_id")
    username = serializers.CharField()
    name = serializers.CharField(source="user.name")
    email = serializers.CharField(source="user.email")
    role = serializers.CharField()
    created_at = serializers.DateTimeField()


def _page_of(name: str, item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The shape of a list, for the schema."""
    fields = {
        "data": item(many=True),
        "next_cursor": serializers.CharField(allow_null=True),
        "has_more": serializers.BooleanField(),
        "total": serializers.IntegerField(required=False),
    }
    return inline_serializer(name, fields)


SessionListOut = _page_of("SessionListOut", SessionOut)
MemberListOut = _page_of("MemberListOut", MemberOut)


def _number(name: str) -> StrictIntegerField:
    low, high = NUMBERS[name]
    return StrictIntegerField(min_value=low, max_value=high, required=False)


class TenantIn(StrictSerializer):
    name = CleanCharField(max_length=200, required=False)
    time_zone = CleanCharField(max_length=64, required=False)
    access_token_minutes = _number("access_token_minutes")
    refresh_token_days = _number("refresh_token_days")
    login_lifetime_hours = _number("login_lifetime_hours")


class TenantOut(serializers.ModelSerializer[Tenant]):
    id = PublicIdField("ten")

    class Meta:
        model = Tenant
        fields = (
            "id",
            "slug",
            "name",
            "time_zone",
            "auth_backend",
            "access_token_minutes",
            "refresh_token_days",
            "login_lifetime_hours",
            "created_at",
            "updated_at",
        )
