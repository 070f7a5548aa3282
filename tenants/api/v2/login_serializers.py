"""How people log in, as v2 reads and shows it."""

from typing import Any

from rest_framework import serializers

from tenants.http.serializers import (
    CleanCharField,
    CleanTextField,
    PublicIdField,
    StrictBooleanField,
    StrictIntegerField,
    StrictSerializer,
)
from tenants.models import FactorDemand

ROLE_LENGTH = 50


class GroupRoleIn(StrictSerializer):
    group = CleanCharField(max_length=500)
    role = CleanCharField(max_length=ROLE_LENGTH)


class PasswordPolicyIn(StrictSerializer):
    min_length = StrictIntegerField(min_value=12, max_value=64, required=False)
    history = StrictIntegerField(min_value=0, max_value=24, required=False)
    max_age_days = StrictIntegerField(min_value=1, max_value=3650, required=False, allow_null=True)


class ConnectionIn(StrictSerializer):
    """What is needed to try a way of logging in; `settings` are of the shape that it declares.

    Secrets are never shown again: those that are not mentioned are kept, and null removes one.
    """

    backend = CleanCharField(max_length=32, required=False)
    settings = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    secrets = serializers.DictField(
        child=CleanTextField(max_length=20_000, allow_null=True, trim_whitespace=False), required=False
    )


class LoginConfigurationPatch(ConnectionIn):
    """`group_roles`: the first group somebody is in decides. `break_glass`: ids of members (`mem_…`)."""

    provisions = StrictBooleanField(required=False)
    links_by_username = StrictBooleanField(required=False)
    default_role = CleanCharField(max_length=ROLE_LENGTH, allow_blank=True, required=False)
    group_roles = serializers.ListField(child=GroupRoleIn(), max_length=500, required=False)
    second_factor = serializers.ChoiceField(choices=FactorDemand.choices, required=False)
    second_factor_roles = serializers.ListField(
        child=CleanCharField(max_length=ROLE_LENGTH), max_length=100, required=False
    )
    password_policy = PasswordPolicyIn(required=False)
    break_glass = serializers.ListField(child=PublicIdField("mem"), max_length=10, required=False)
    without_break_glass = StrictBooleanField(required=False)


class LoginConfigurationIn(LoginConfigurationPatch):
    """The whole of it: what is left out returns to its default, but for secrets."""

    backend = CleanCharField(max_length=32)


class GroupRoleOut(serializers.Serializer[Any]):
    group = serializers.CharField()
    role = serializers.CharField()


class PasswordPolicyOut(serializers.Serializer[Any]):
    min_length = serializers.IntegerField()
    history = serializers.IntegerField()
    max_age_days = serializers.IntegerField(allow_null=True)


class LoginConfigurationOut(serializers.Serializer[Any]):
    """`secrets` says which are set, never what they are."""

    backend = serializers.CharField()
    settings = serializers.DictField(child=serializers.JSONField())
    secrets = serializers.DictField(child=serializers.BooleanField())
    provisions = serializers.BooleanField()
    links_by_username = serializers.BooleanField()
    default_role = serializers.CharField(allow_blank=True)
    group_roles = GroupRoleOut(many=True)
    second_factor = serializers.ChoiceField(choices=FactorDemand.choices)
    second_factor_roles = serializers.ListField(child=serializers.CharField())
    password_policy = PasswordPolicyOut()
    break_glass = serializers.ListField(child=PublicIdField("mem"))


class TrialStepOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    ok = serializers.BooleanField()
    detail = serializers.CharField(allow_blank=True)


class TrialOut(serializers.Serializer[Any]):
    """`failed` names the step that did not work, '' if all did."""

    ok = serializers.BooleanField()
    backend = serializers.CharField()
    failed = serializers.CharField(allow_blank=True)
    steps = TrialStepOut(many=True)
