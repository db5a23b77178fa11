"""Passkeys: only the verified person's own passkey, at this console, over this message."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.signatures import SignatureBook
from adapters.signatures.passkey import challenge
from payout.approval.people import KeyKind, PublicKey
from payout.approval.rules import Rules
from tests.adapters.signatures.authenticator import USER_PRESENT, USER_VERIFIED, Passkey, b64url

RP_ID, ORIGIN = "console.example", "https://console.example"
MESSAGE = b"payout approval v2\n00\nalice"
CHALLENGE = challenge(MESSAGE)
PASSKEY = Passkey(RP_ID, ORIGIN)
KEY = PublicKey(kind=KeyKind.WEBAUTHN, text=PASSKEY.public, credential=PASSKEY.credential)
BOOK = SignatureBook(lambda: Rules(rp_id=RP_ID, origin=ORIGIN))


def verified(signature: str, key: PublicKey = KEY, message: bytes = MESSAGE, book: SignatureBook = BOOK) -> bool:
    return book.verify(key, message, signature)


def test_an_assertion_over_the_message_counts_also_twice() -> None:
    signature = PASSKEY.assertion(CHALLENGE)

    assert verified(signature)
    assert verified(signature)


def test_it_counts_for_no_other_message() -> None:
    assert not verified(PASSKEY.assertion(CHALLENGE), message=MESSAGE + b"!")
    assert not verified(PASSKEY.assertion(MESSAGE))


def test_the_person_must_have_been_verified_and_present() -> None:
    assert not verified(PASSKEY.assertion(CHALLENGE, flags=USER_PRESENT))
    assert not verified(PASSKEY.assertion(CHALLENGE, flags=USER_VERIFIED))


@pytest.mark.parametrize(
    "client",
    [
        {"origin": "https://console.example.evil"},
        {"origin": "http://console.example"},
        {"origin": ["https://console.example"]},
        {"type": "webauthn.create"},
        {"crossOrigin": True},
        {"challenge": b64url(b"other")},
        {"challenge": 5},
        {"deep": {"deep": {"deep": {}}}},
    ],
)
def test_another_page_or_another_ceremony_does_not_count(client: dict[str, object]) -> None:
    assert not verified(PASSKEY.assertion(CHALLENGE, **client))


def test_another_console_does_not_count() -> None:
    elsewhere = Passkey("other.example", ORIGIN)
    key = PublicKey(kind=KeyKind.WEBAUTHN, text=elsewhere.public, credential=elsewhere.credential)

    assert not verified(elsewhere.assertion(CHALLENGE), key)


def test_without_a_console_in_the_rules_no_passkey_counts() -> None:
    assert not verified(PASSKEY.assertion(CHALLENGE), book=SignatureBook(Rules))


def test_another_passkey_does_not_count_also_under_this_id() -> None:
    other = Passkey(RP_ID, ORIGIN)

    assert not verified(other.assertion(CHALLENGE))
    other.credential = PASSKEY.credential
    assert not verified(other.assertion(CHALLENGE))


def test_the_credential_id_must_be_the_one_on_file() -> None:
    assert not verified(PASSKEY.assertion(CHALLENGE), replace(KEY, credential="AAAA"))


def test_data_beyond_a_plain_answer_is_refused_before_it_is_parsed() -> None:
    assert not verified(PASSKEY.assertion(CHALLENGE, flags=0x85, more=b"\xa0"))
    assert not verified(PASSKEY.assertion(CHALLENGE, flags=0x45, more=b"\x00" * 18 + b"\x81" * 1000))


def test_a_bit_changed_anywhere_does_not_count() -> None:
    good = PASSKEY.answer(CHALLENGE)
    for name, text in good.items():
        middle = len(text) // 2
        changed = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
        assert not verified(json.dumps({**good, name: changed})), name
    assert verified(json.dumps(good))


@given(st.text(max_size=200) | st.recursive(st.none() | st.text(max_size=9), st.lists, max_leaves=5).map(json.dumps))
@settings(max_examples=60, deadline=None)
def test_nonsense_is_false_and_never_an_error(text: str) -> None:
    assert not verified(text)


@given(st.dictionaries(st.sampled_from(["id", "authenticatorData", "clientDataJSON", "signature"]), st.binary()))
@settings(max_examples=60, deadline=None)
def test_nonsense_in_the_right_shape_is_false_and_never_an_error(parts: dict[str, bytes]) -> None:
    good = PASSKEY.answer(CHALLENGE)

    assert not parts or not verified(json.dumps({**good, **{name: b64url(raw) for name, raw in parts.items()}}))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 9000])
def test_nesting_and_length_end_no_process(text: str) -> None:
    good = PASSKEY.answer(CHALLENGE)

    assert not verified(text)
    assert not verified(json.dumps({**good, "clientDataJSON": b64url(text.encode())}))
    assert not verified(json.dumps({**good, "clientDataJSON": b64url(text[:1500].encode())}))
