"""Names of directory groups, so that two spellings of one compare equal."""

import re
import unicodedata

_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{2})")


def normalised(group: str) -> str:
    """A group's name or DN in the form that is compared.

    Without regard to case and to the spaces around the parts of a DN (RFC 4514, 4517); Unicode in NFKC.
    "CN = Admins, OU=Groups" and "cn=admins,ou=groups" are one group. What is no DN is a name.
    """
    text = _folded(group)
    parts = _split(text, ",")
    if not all(_is_pair(part) for part in parts):
        return text
    return ",".join("+".join(sorted(map(_pair, _split(part, "+")))) for part in parts)


def is_dn(text: str) -> bool:
    """Whether a text reads as a DN, and would be compared as one."""
    return all(map(_is_pair, _split(_folded(text), ",")))


def first_value(dn: str) -> str:
    """The value of the first part of a DN: "Admins" of "cn=Admins,ou=Groups"; '' if it is no DN."""
    first = _split(_split(dn, ",")[0], "+")[0]
    return _unescaped(first.partition("=")[2].strip()) if _is_pair(first) else ""


def _folded(text: str) -> str:
    # Twice, because folding may undo the normal form.
    folded = unicodedata.normalize("NFKC", text.strip()).casefold()
    return unicodedata.normalize("NFKC", folded)


def _is_pair(part: str) -> bool:
    name, equals, value = part.partition("=")
    return bool(equals and value.strip() and re.fullmatch(r"\s*[A-Za-z0-9][A-Za-z0-9.-]*\s*", name))


def _pair(part: str) -> str:
    name, _, value = part.partition("=")
    return f"{name.strip()}={_escaped(_folded(_unescaped(value.strip())))}"


def _split(text: str, separator: str) -> list[str]:
    """Split at separators that no backslash precedes."""
    parts: list[str] = []
    current: list[str] = []
    skips = False
    for sign in text:
        if sign == separator and not skips:
            parts.append("".join(current))
            current = []
        else:
            current.append(sign)
        skips = sign == "\\" and not skips
    return [*parts, "".join(current)]


def _unescaped(value: str) -> str:
    """The plain value of a part (RFC 4514, 2.4): hexadecimal pairs are bytes of UTF-8."""
    plain = bytearray()
    position = 0
    while position < len(value):
        pair = _ESCAPED.match(value, position)
        if pair is not None:
            plain.append(int(pair[1], 16))
            position += 3
            continue
        if value[position] == "\\" and position + 1 < len(value):
            position += 1
        plain += value[position].encode()
        position += 1
    return plain.decode(errors="replace")


def _escaped(value: str) -> str:
    return "".join(f"\\{sign}" if sign in ',+"\\<>;=' else sign for sign in value)
