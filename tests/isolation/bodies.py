"""Plausible values from JSON schemas: valid in form, with ids of the wanted tenant in every place for one."""

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

IdOf = Callable[[str], str]
"""Takes the name of a member or parameter and gives an id that fits it."""

_SAMPLES = (
    "EUR",
    "FR",
    "S",
    "VAT",
    "19",
    "7.5",
    "2026-03-01",
    "2026-03-01T10:00:00Z",
    "C62",
    "en",
    "0204",
    "UTC",
    "DE123456789",
    "X-{number}",
    "someone@example.test",
    "https://example.test/",
    "some-name",
    "Some name",
    "a" * 32,
    "",
)
# What is checked beyond its form: without a valid one a call would never get past the parser.
_NAMED = {
    "category": "S",
    "rate": "19",
    "pattern": "X-{number}",
    "vat_id": "DE136695976",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "registration_id": "732829320",
    "registration_scheme": "0002",
    "electronic_address": "991-03730-19",
    "location_scheme": "0204",
    "location_id": "991-03730-19",
    "phone": "+49 30 123456",
    "unit_code": "C62",
    "time_zone": "UTC",
}
_PUBLIC_ID = re.compile(r"[a-z\[]\S*_\[0-7\]\[0-9a-hjkmnp-tv-z\]")
_PREFIX = re.compile(r"\^?\(?([a-z]{2,8})_\[0-7\]")
_DEPTH = 12


class Bodies:
    """Draws values for schemas; `text` is put where free text is taken, `id_of` where an id is."""

    def __init__(self, chance: random.Random, id_of: IdOf, text: Callable[[], str]) -> None:
        self.chance = chance
        self.id_of = id_of
        self.text = text

    def value(self, schema: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:
        """One value of `schema`, which has its references written out."""
        if depth > _DEPTH:
            return None
        for word in ("anyOf", "oneOf", "allOf"):
            if word in schema:
                branches = [branch for branch in schema[word] if branch.get("type") != "null"]
                return self.value(self.chance.choice(branches or [{}]), name, depth + 1)
        if "const" in schema:
            return schema["const"]
        if name in _NAMED and self.chance.random() < 0.8:
            return _NAMED[name]
        if "enum" in schema:
            return self.chance.choice([one for one in schema["enum"] if one is not None])
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
        maker = getattr(self, f"_{kind}", None)
        return None if maker is None else maker(schema, name, depth)

    def _object(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        required = schema.get("required", ())
        eager = self.chance.random() < 0.5
        return {
            member: self.value(inner, member, depth + 1)
            for member, inner in schema.get("properties", {}).items()
            if not inner.get("readOnly")
            and (member in required or self.chance.random() < (0.8 if eager else 0.1))
        }

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        least = schema.get("minItems", 1)
        most = min(schema.get("maxItems", 3), least + 1)
        count = self.chance.randint(least, max(least, most))
        return [self.value(schema.get("items", {}), name, depth + 1) for _ in range(count)]

    def _string(self, schema: Mapping[str, Any], name: str, depth: int) -> str:
        pattern = schema.get("pattern", "")
        if _PUBLIC_ID.search(pattern) or "_[0-7]" in pattern:
            prefix = _PREFIX.match(pattern)
            return self.id_of(prefix[1] if prefix else name)
        if name in ("slug", "tenant") and self.chance.random() < 0.5:
            return self.id_of(name)
        form = schema.get("format")
        if form in ("date", "date-time"):
            return "2026-03-01" if form == "date" else "2026-03-01T10:00:00Z"
        candidates = [self.text(), *_SAMPLES]
        if form == "email" or "email" in name:
            candidates.insert(0, f"{self.text()}@example.test")
        fitting = (one for one in candidates if _fits(one, schema))
        return next(fitting, "x")

    def _integer(self, schema: Mapping[str, Any], name: str, depth: int) -> int:
        low = int(schema.get("minimum", 1))
        return self.chance.randint(low, min(int(schema.get("maximum", low + 20)), low + 20))

    def _number(self, schema: Mapping[str, Any], name: str, depth: int) -> int:
        return self._integer(schema, name, depth)

    def _boolean(self, schema: Mapping[str, Any], name: str, depth: int) -> bool:
        return self.chance.random() < 0.5


def _fits(text: str, schema: Mapping[str, Any]) -> bool:
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", 10_000):
        return False
    pattern = schema.get("pattern")
    return pattern is None or re.search(pattern, text) is not None


def resolved(schema: Any, components: Mapping[str, Any], depth: int = 0) -> Any:
    """`schema` with its `$ref`s written out."""
    if depth > _DEPTH * 3:
        return {}
    if isinstance(schema, list):
        return [resolved(inner, components, depth + 1) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(components[schema["$ref"].rpartition("/")[2]], components, depth + 1)
    return {name: resolved(inner, components, depth + 1) for name, inner in schema.items()}
