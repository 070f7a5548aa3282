"""The strict reader: what other readers bend, it refuses with a pointer (BAD_INPUT.md, Body)."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.errors import InvalidInput
from tenants.http.strictjson import MAX_DEPTH, child, clean_text, decode


def faults_of(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refusal:
        decode(body)
    return [(fault.pointer, fault.code) for fault in refusal.value.errors]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (b"", [("", "empty-body")]),
        (b" \r\n\t ", [("", "empty-body")]),
        (b"{", [("", "not-json")]),
        (b'{"a": 1,}', [("", "not-json")]),
        (b"{'a': 1}", [("", "not-json")]),
        (b'{"a": 01}', [("", "not-json")]),
        (b'{"a": +1}', [("", "not-json")]),
        (b'{"a": 1_000}', [("", "not-json")]),
        ('{"a": ٥}'.encode(), [("", "not-json")]),
        (b'{"a": "\x00"}', [("", "not-json")]),
        (b'{"a": "x\ny"}', [("", "not-json")]),
        (b'\x0b{"a": 1}', [("", "not-json")]),
        (b"{} {}", [("", "trailing-data")]),
        (b'{"a": 1}x', [("", "trailing-data")]),
        (b"[]\x00", [("", "trailing-data")]),
        (b'{"a": "\xff"}', [("", "not-utf-8")]),
        (b'{"a": "\xed\xa0\x80"}', [("", "not-utf-8")]),
        (b'{"a": "\xc0\xaf"}', [("", "not-utf-8")]),
        ('{"a": "ä"}'.encode("latin-1"), [("", "not-utf-8")]),
        (b'\xef\xbb\xbf{"a": 1}', [("", "byte-order-mark")]),
        ('{"a": 1}'.encode("utf-16"), [("", "not-utf-8")]),
        ('{"a": 1}'.encode("utf-16-le"), [("", "not-json")]),
        ('{"a": 1}'.encode("utf-32-be"), [("", "not-json")]),
        (b'{"a": 1, "a": 1}', [("/a", "repeated-name")]),
        (b'{"a": 1, "\\u0061": 2}', [("/a", "repeated-name")]),
        (b'{"a": [{"b": 1, "c": 2, "b": 3}]}', [("/a/0/b", "repeated-name")]),
        ('{"ä": 1, "a\u0308": 2}'.encode(), [("/ä", "repeated-name")]),
        (b'{"a": "\\u0000"}', [("/a", "forbidden-character")]),
        (b'{"a": "\\ud800"}', [("/a", "forbidden-character")]),
        (b'{"a": "\\udc00\\ud800"}', [("/a", "forbidden-character")]),
        (b'{"a": "\\u001b[31m"}', [("/a", "forbidden-character")]),
        (b'{"a": "\\b"}', [("/a", "forbidden-character")]),
        (b'{"a": "\x7f"}', [("/a", "forbidden-character")]),
        ('{"a": "\u0085"}'.encode(), [("/a", "forbidden-character")]),
        ('{"a": "pay\u202eeur"}'.encode(), [("/a", "forbidden-character")]),
        ('{"a": "\u2066"}'.encode(), [("/a", "forbidden-character")]),
        ('{"a": "zero\u200bwidth"}'.encode(), [("/a", "forbidden-character")]),
        ('{"a": "\ufeff"}'.encode(), [("/a", "forbidden-character")]),
        ('{"a": "\U000e0041"}'.encode(), [("/a", "forbidden-character")]),
        ('{"a\u200b": 1}'.encode(), [("", "forbidden-character")]),
        (b'{"a": NaN}', [("/a", "number-out-of-range")]),
        (b"[Infinity, -Infinity]", [("/0", "number-out-of-range"), ("/1", "number-out-of-range")]),
        (b'{"a": 1e309}', [("/a", "number-out-of-range")]),
        (b'{"a": ' + b"9" * 5000 + b"}", [("/a", "number-out-of-range")]),
        (b'{"a": 1' + b"0" * 40 + b"}", [("/a", "number-out-of-range")]),
    ],
)
def test_a_bent_body_is_refused(body: bytes, faults: list[tuple[str, str]]) -> None:
    assert faults_of(body) == faults


def test_every_fault_is_named_not_only_the_first() -> None:
    body = b'{"a~": NaN, "b/": {"c": 1, "c": 2}, "d": ["\\u0000", "\\ud800"]}'
    assert faults_of(body) == [
        ("/a~0", "number-out-of-range"),
        ("/b~1/c", "repeated-name"),
        ("/d/0", "forbidden-character"),
        ("/d/1", "forbidden-character"),
    ]


def test_the_list_of_faults_has_an_end() -> None:
    assert len(faults_of(b"[" + b"NaN," * 500 + b"1]")) == 100


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100, 1_100, 100_000])
def test_nesting_beyond_the_limit_is_refused(opening: bytes, closing: bytes, depth: int) -> None:
    assert faults_of(opening * depth + b"1" + closing * depth) == [("", "too-deep")]


def test_unclosed_nesting_is_refused_without_a_crash() -> None:
    assert faults_of(b"[" * 100_000) == [("", "too-deep")]


def test_nesting_up_to_the_limit_is_read() -> None:
    assert decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    wide = b"[" + b",".join([b"[]"] * 500) + b"]"
    assert len(decode(wide)) == 500


def test_texts_are_brought_to_nfc() -> None:
    assert decode('{"e\u0301": ["a\u0308", "\\u0061\\u0308"]}'.encode()) == {"é": ["ä", "ä"]}
    assert decode('["Å", "ﬁ"]'.encode()) == ["Å", "ﬁ"]


def test_line_feeds_and_tabs_belong_to_text() -> None:
    assert decode(b'"one\\r\\n\\ttwo \\"three\\" \\\\u0000"') == 'one\r\n\ttwo "three" \\u0000'


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert decode(b'"\\ud83d\\ude00"') == "😀"


def test_zero_has_no_sign_and_integers_are_exact() -> None:
    assert decode(b"[-0, 12345678901234567890123]") == [0, 12345678901234567890123]


def test_pointers_escape_as_rfc_6901_says() -> None:
    assert child("/a", "x/y~z") == "/a/x~1y~0z"


def test_other_texts_are_cleaned_by_the_same_rule() -> None:
    assert clean_text("a\u0308", "?q") == "ä"
    with pytest.raises(InvalidInput) as refusal:
        clean_text("\u202e", "?q")
    assert refusal.value.errors[0].pointer == "?q"


_visible = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc", "Cf"]))
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | _visible,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_visible, inner, max_size=4),
    max_leaves=20,
)


@given(_values, st.booleans())
def test_a_clean_value_comes_back_as_it_was(value: Any, ascii_only: bool) -> None:
    assert decode(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    with suppress(InvalidInput):
        decode(body)
