"""A tenant's plan and overrides in one statement."""

import json
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import connection

_READ = """
select tenant.plan,
       (select coalesce(json_object_agg(name, is_enabled), '{}') from tenants_featureoverride
        where tenant_id = tenant.id)::text
from tenants_tenant tenant where tenant.id = %s
"""

_SWITCH = """
insert into tenants_featureoverride (id, tenant_id, name, is_enabled, created_at, updated_at)
values (%s, %s, %s, %s, now(), now())
on conflict (tenant_id, name) do update
    set is_enabled = excluded.is_enabled, updated_at = excluded.updated_at
"""


class Bought(NamedTuple):
    plan: str
    overrides: Mapping[str, bool]


def read(*, tenant_id: UUID) -> Bought:
    """Plan and overrides of the tenant."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, (tenant_id,))
        plan, overrides = cursor.fetchone()
    return Bought(plan, json.loads(overrides))


def switch(*, override_id: UUID, tenant_id: UUID, name: str, is_enabled: bool) -> None:
    """Write one override, over an earlier one."""
    with connection.cursor() as cursor:
        cursor.execute(_SWITCH, (override_id, tenant_id, name, is_enabled))
