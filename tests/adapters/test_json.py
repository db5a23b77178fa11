"""Reading JSON that strangers wrote: exact numbers, and nothing that could end the process."""

from __future__ import annotations

import sys

import pytest

from adapters.http import parse_json


@pytest.mark.parametrize(
    "text",
    [b'{"p": NaN}', b'{"p": Infinity}', b"[-Infinity]", b"<html>", b"", b"\xff\xfe", b"{"],
)
def test_what_is_not_strict_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_json(text)


def test_deep_nesting_is_refused_whatever_a_library_made_of_the_recursion_limit() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        for text in (b"[" * 90_000, b'{"a":' * 90_000, b'["a", ' * 101 + b"]" * 101):
            with pytest.raises(ValueError, match="nested more than"):
                parse_json(text)
    finally:
        sys.setrecursionlimit(before)


def test_brackets_in_texts_are_no_nesting() -> None:
    assert parse_json(b'{"a": "' + b"[" * 5000 + b'\\"{{"}') == {"a": "[" * 5000 + '"{{'}
    assert len(parse_json(b"[" + b"[],{}," * 5000 + b"1]")) == 10_001


@pytest.mark.parametrize("text", [b"[" * 200_000, b'{"p": 1e99999999999999999999}', b"9" * 10_000])
def test_json_that_attacks_its_reader_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_json(text)
