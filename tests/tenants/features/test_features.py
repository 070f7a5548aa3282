"""Features by default, plan and override."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import features, scope
from tenants.models import Tenant
from tenants.services.features import change_plan, switch_feature
from tests.factories import ApiClient, make_tenant, scope_of

EVERYBODY = features.declare("tests-everybody", "Part of every plan.", is_default=True)
NOBODY = features.declare("tests-nobody", "Only where it is switched on.")
ENTERPRISE = features.declare("tests-enterprise", "Part of one plan.", plans={"enterprise"})


def test_a_feature_follows_default_and_plan(acme: Tenant) -> None:
    big = make_tenant("initech", plan="enterprise")
    for tenant, expected in ((acme, [True, False, False]), (big, [True, False, True])):
        with scope_of(tenant):
            assert [features.enabled(name) for name in (EVERYBODY, NOBODY, ENTERPRISE)] == expected


def test_an_override_wins_and_can_be_taken_back(acme: Tenant, globex: Tenant) -> None:
    with scope_of(acme):
        switch_feature(name=NOBODY, is_enabled=True)
        switch_feature(name=EVERYBODY, is_enabled=True)
        switch_feature(name=EVERYBODY, is_enabled=False)
        assert [features.enabled(name) for name in (EVERYBODY, NOBODY)] == [False, True]
    with scope_of(globex):
        assert [features.enabled(name) for name in (EVERYBODY, NOBODY)] == [True, False]
    with scope_of(acme):
        switch_feature(name=EVERYBODY, is_enabled=None)
        assert features.enabled(EVERYBODY)


def test_a_change_of_plan_counts_at_once(acme: Tenant) -> None:
    with scope_of(acme):
        assert not features.enabled(ENTERPRISE)
        with pytest.raises(features.FeatureUnavailable):
            features.ensure_enabled(ENTERPRISE)
        change_plan(plan="enterprise")
        features.ensure_enabled(ENTERPRISE)


def test_a_scope_asks_the_database_once(acme: Tenant) -> None:
    with scope_of(acme), CaptureQueriesContext(connection) as captured:
        for _ in range(3):
            features.enabled(EVERYBODY)
            features.enabled(ENTERPRISE)
    assert len(captured) == 1
    with scope_of(acme), CaptureQueriesContext(connection) as captured:
        features.enabled(EVERYBODY)
    assert len(captured) == 1


def test_unknown_and_contradicting_features_are_programming_errors(acme: Tenant) -> None:
    with scope_of(acme), pytest.raises(features.UnknownFeature):
        features.enabled("tests-no-such-thing")
    with pytest.raises(ImproperlyConfigured, match="two features"):
        features.declare(NOBODY, "Something else.")
    with pytest.raises(scope.NoScope):
        features.enabled(EVERYBODY)
    assert NOBODY in [feature.name for feature in features.all_features()]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_tenant_reads_what_it_has_and_why(acme: Tenant, acme_client: ApiClient, version: str) -> None:
    with scope_of(acme):
        switch_feature(name=NOBODY, is_enabled=True)
    body = acme_client.get(f"/api/{version}/tenant/features").json()
    data = body["data"] if version == "v1" else body
    found = {each["name"]: (each["enabled"], each["because"]) for each in data["features"]}
    assert data["plan"] == "standard"
    assert {name: found[name] for name in (EVERYBODY, NOBODY, ENTERPRISE)} == {
        EVERYBODY: (True, "default"),
        NOBODY: (True, "override"),
        ENTERPRISE: (False, "plan"),
    }
