"""v2: what the tenant has."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import features
from tenants.capabilities import SETTINGS_READ
from tenants.http.serializers import StrictSerializer
from tenants.http.versions import V2View


class FeatureOut(StrictSerializer):
    """One feature as it stands for the tenant."""

    name = serializers.CharField()
    description = serializers.CharField()
    enabled = serializers.BooleanField()
    because = serializers.ChoiceField(choices=["default", "plan", "override"])


class TenantFeaturesOut(StrictSerializer):
    """The plan, and all features by name."""

    plan = serializers.CharField()
    features = FeatureOut(many=True)


class TenantFeatures(V2View):
    """Plan and features are changed by whoever runs the installation, and read here."""

    capability = SETTINGS_READ

    @extend_schema(
        operation_id="tenant_features_retrieve",
        summary="The tenant's plan, and which features it has and why",
        responses=TenantFeaturesOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        del request
        return Response(TenantFeaturesOut({"plan": features.plan(), "features": features.standings()}).data)
