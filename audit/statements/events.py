"""The one door through which the role `app` adds to the trail."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.backends.base.base import BaseDatabaseWrapper

_RECORD = "SELECT audit_record_event(%s, %s, %s, %s::jsonb)"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def record_event(
    connection: BaseDatabaseWrapper, *, name: str, entity_type: str, record_id: str, data: Mapping[str, Any]
) -> None:
    """Write one pending entry; the function takes tenant, actor and request id from the settings.

    Characters that the database cannot keep (NUL, lone surrogates) become U+FFFD: a refused input must
    not be able to keep its own refusal out of the trail.
    """
    encoded = json.dumps(_storable(data), cls=DjangoJSONEncoder, ensure_ascii=False, allow_nan=False)
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [name, entity_type, _storable(record_id), encoded])


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_storable(str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value
