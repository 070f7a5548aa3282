"""Bytes to JSON values, taking only what means the same to every reader.

RFC 8259 leaves open what duplicate keys, lone surrogates or deep nesting mean, and Python's reader
adds NaN and unbounded integers. Here each of them is a fault with a JSON Pointer. A clean body
costs one pass of the C scanner; the second, tolerant pass that names every fault runs only when the
first one stumbled.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from tenants.errors import FieldError, InvalidInput

MAX_DEPTH = 32
# Longer integers fit no column; Python would also take quadratic time for them.
MAX_INTEGER_DIGITS = 40
# A body with a thousand faults is not explained better by the hundred-and-first.
MAX_ERRORS = 100

# Everything that is invisible or turns the reading order: C0 but tab, line feed and carriage return,
# DEL, C1, soft hyphen, Arabic letter mark, zero-width and directional marks, line and paragraph
# separators, embeddings, overrides, isolates, word joiner and its kin, byte order mark, surrogates,
# noncharacters, interlinear marks, tags.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)


class _Doubtful(Exception):
    """The quick pass met something the tolerant one has to name."""


class _Repeated(dict[str, Any]):
    """An object in which `names` stood more than once."""

    names: tuple[str, ...] = ()


class _Unreadable:
    """A number that is none (NaN, Infinity) or is out of all bounds."""


def _quick_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Doubtful
    return members


def _quick_number(text: str) -> Any:
    if len(text) > MAX_INTEGER_DIGITS:
        raise _Doubtful
    return int(text)


def _quick_float(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise _Doubtful
    return number


def _doubtful(_: str) -> Any:
    raise _Doubtful


def _tolerant_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = _Repeated(pairs)
    if len(members) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        members.names = tuple(name for name, count in counts.items() if count > 1)
    return members


def _tolerant_number(text: str) -> Any:
    return _Unreadable() if len(text) > MAX_INTEGER_DIGITS else int(text)


def _tolerant_float(text: str) -> Any:
    number = float(text)
    return number if number - number == 0.0 else _Unreadable()


_QUICK = json.JSONDecoder(
    object_pairs_hook=_quick_object,
    parse_int=_quick_number,
    parse_float=_quick_float,
    parse_constant=_doubtful,
)
_TOLERANT = json.JSONDecoder(
    object_pairs_hook=_tolerant_object,
    parse_int=_tolerant_number,
    parse_float=_tolerant_float,
    parse_constant=lambda _: _Unreadable(),
)


def child(pointer: str, name: str | int) -> str:
    """The JSON Pointer (RFC 6901) of a member of what `pointer` names."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def decode(body: bytes, *, bounded: bool = False) -> Any:
    """The value `body` holds, its texts in NFC.

    `bounded` says that the caller compares the value with a type of limited depth, so that depth
    need not be measured here. Raises InvalidInput with every fault of this level: not UTF-8, not
    JSON, something after the value, nesting beyond 32, repeated names, NUL, surrogates, control,
    bidirectional and zero-width characters, NaN, infinities, integers of more than 40 digits.
    """
    text = _text_of(body)
    try:
        value = _QUICK.decode(text)
    except (_Doubtful, json.JSONDecodeError, RecursionError):
        value = _explain(text)
    if not bounded and text.count("[") + text.count("{") > MAX_DEPTH:
        ensure_shallow(value)
    return value if _is_plain(text, value) else _clean(value)


def _text_of(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        raise _whole("byte-order-mark", "The body begins with a byte order mark.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _whole("not-utf-8", "The body is not UTF-8.") from None
    if not text.strip(" \t\r\n"):
        raise _whole("empty-body", "The body is empty where JSON was expected.")
    return text


def _whole(code: str, detail: str) -> InvalidInput:
    return InvalidInput([FieldError("", code, detail)], detail)


def _explain(text: str) -> Any:
    """Read again, naming what is wrong; always raises for a body the quick pass refused."""
    try:
        value = _TOLERANT.decode(text)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise _whole("trailing-data", f"Something follows the value at character {error.pos}.") from None
        raise _whole(
            "not-json", f"Not JSON at character {error.pos}: {error.msg.removesuffix(' at')}."
        ) from None
    ensure_shallow(value)
    found: list[FieldError] = []
    for pointer, node in _walk(value, ""):
        if len(found) >= MAX_ERRORS:
            break
        if isinstance(node, _Repeated):
            found += [
                FieldError(child(pointer, name), "repeated-name", "The name stands here more than once.")
                for name in node.names
            ]
        elif isinstance(node, _Unreadable):
            found.append(
                FieldError(pointer, "number-out-of-range", "Not a finite number of sensible length.")
            )
        elif isinstance(node, str) and _INVISIBLE.search(node):
            found.append(_invisible(pointer))
    raise InvalidInput(found[:MAX_ERRORS])


def _too_deep() -> InvalidInput:
    return _whole("too-deep", f"The body is nested deeper than {MAX_DEPTH} levels.")


def ensure_shallow(value: Any) -> None:
    """Raises InvalidInput where arrays and objects nest beyond 32 levels."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for node in level if isinstance(node, dict | list) for inner in _members(node)]
        if not level:
            return
    if any(isinstance(node, dict | list) for node in level):
        raise _too_deep()


def _members(node: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node


def _walk(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every node with its pointer; names are nodes too, under the pointer of their object."""
    yield pointer, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield pointer, name
            yield from _walk(inner, child(pointer, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, child(pointer, index))


def _is_plain(text: str, value: Any) -> bool:
    """Whether every text inside is clean already, judged on all of them at once.

    Without escapes the body shows its texts as they are. With escapes, writing the value again
    undoes all but those of the quotation mark, the backslash and the C0 controls.
    """
    if "\\" in text:
        try:
            text = orjson.dumps(value).decode()
        except orjson.JSONEncodeError:
            return False
        if "\\u" in text or "\\b" in text or "\\f" in text:
            return False
    if text.isascii():
        return "\x7f" not in text
    # A quotation mark composes with nothing, so the whole is in NFC exactly if each text in it is.
    return not _INVISIBLE.search(text) and unicodedata.is_normalized("NFC", text)


def _clean(value: Any) -> Any:
    found: list[FieldError] = []
    cleaned = _cleaned(value, "", found)
    if found:
        raise InvalidInput(found[:MAX_ERRORS])
    return cleaned


def _cleaned(value: Any, pointer: str, found: list[FieldError]) -> Any:
    if isinstance(value, str):
        return _cleaned_text(value, pointer, found)
    if isinstance(value, list):
        return [_cleaned(inner, child(pointer, index), found) for index, inner in enumerate(value)]
    if isinstance(value, dict):
        members: dict[str, Any] = {}
        for name, inner in value.items():
            normal = _cleaned_text(name, pointer, found)
            place = child(pointer, normal)
            if normal in members:
                found.append(FieldError(place, "repeated-name", "The name stands here more than once."))
            members[normal] = _cleaned(inner, place, found)
        return members
    return value


def _cleaned_text(text: str, pointer: str, found: list[FieldError]) -> str:
    if text.isascii() and text.isprintable():
        return text
    if _INVISIBLE.search(text):
        found.append(_invisible(pointer))
        return ""
    return unicodedata.normalize("NFC", text)


def _invisible(pointer: str) -> FieldError:
    detail = "The text holds a control, bidirectional, zero-width or unpaired character."
    return FieldError(pointer, "forbidden-character", detail)


def clean_text(text: str, pointer: str) -> str:
    """`text` in NFC, for texts that do not come in a JSON body. Raises InvalidInput as `decode` does."""
    found: list[FieldError] = []
    normal = _cleaned_text(text, pointer, found)
    if found:
        raise InvalidInput(found)
    return normal
