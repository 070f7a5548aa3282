"""The one door through which the role `app` adds to the trail."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.backends.base.base import BaseDatabaseWrapper

_RECORD = "SELECT audit_record_event(%s, %s, %s, %s::json)"


def record_event(
    connection: BaseDatabaseWrapper, *, name: str, entity_type: str, record_id: str, data: Mapping[str, Any]
) -> None:
    """Write one pending entry; the function takes tenant, actor and request id from the settings."""
    encoded = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, allow_nan=False)
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [name, entity_type, record_id, encoded])
