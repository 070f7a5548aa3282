"""How recorded values are shown: decimals as text, and what changed between two states of a row."""

from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any

Values = Mapping[str, Any]


def shown(values: Values | None, *, decimals: Set[str] = frozenset()) -> dict[str, Any] | None:
    """`values` with every decimal as text, its digits as they were stored; None stays None.

    `decimals` names columns whose numbers are decimals though they have no fraction: 5 is "5" there.
    """
    if values is None:
        return None
    return {name: _shown(value, is_decimal=name in decimals) for name, value in values.items()}


def difference(old: Values | None, new: Values | None) -> dict[str, list[Any]]:
    """`{column: [old, new]}` for each column whose shown value differs; a missing side counts as null.

    Texts are compared, so "1.0" and "1.00" differ: the trail keeps what was stored.
    """
    before, after = old or {}, new or {}
    return {
        name: [before.get(name), after.get(name)]
        for name in {**before, **after}
        if name not in before or name not in after or before[name] != after[name]
    }


def _shown(value: Any, *, is_decimal: bool = False) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {name: _shown(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shown(inner) for inner in value]
    if is_decimal and isinstance(value, int):
        return str(value)
    return value
