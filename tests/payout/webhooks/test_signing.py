"""Signatures, checked by the reference library of Standard Webhooks; and by nobody who was not meant."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks

from payout.errors import BadInput, ForgedEndpoint
from payout.webhooks.keyring import Keyring
from payout.webhooks.signing import SigningSecret, check_secret, headers, new_secret
from tests.factories import NOW
from tests.payout.webhooks.telling import SHOP, Post
from tests.scenarios.plain_sealer import PlainSealer

BODY = '{"type":"refund.paid","data":{"words":"zahlte 1,00 €"}}'.encode()


def now() -> datetime:
    """The library compares with the machine's own clock."""
    return datetime.now(UTC)


def accepts(secret: str, body: bytes, given: dict[str, str]) -> bool:
    try:
        standardwebhooks.Webhook(secret).verify(body.decode(), given)
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


def test_the_reference_library_verifies_ours() -> None:
    secret = new_secret()
    assert accepts(secret, BODY, headers("msg_1", BODY, now(), [SigningSecret(text=secret)]))


def test_the_specification_s_own_example_comes_out_the_same() -> None:
    secret = SigningSecret(text="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    given = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at, [secret])
    assert given == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(now().timestamp()) - 1)},
        {"webhook-signature": "v1," + base64.b64encode(bytes(32)).decode()},
        {"webhook-signature": ""},
        {"webhook-signature": "v1a,AAAA"},
    ],
    ids=["id", "time", "signature", "no-signature", "other-kind"],
)
def test_the_reference_library_refuses_any_change_of_the_headers(change: dict[str, str]) -> None:
    secret = new_secret()
    given = headers("msg_1", BODY, now(), [SigningSecret(text=secret)])
    assert not accepts(secret, BODY, {**given, **change})


def test_every_byte_of_the_body_is_signed() -> None:
    secret = new_secret()
    given = headers("msg_1", BODY, now(), [SigningSecret(text=secret)])
    plain = BODY.decode()
    tampered = [plain[:at] + "~" + plain[at + 1 :] for at in range(len(plain))]
    assert [text for text in tampered if accepts(secret, text.encode(), given)] == []


def test_an_old_message_is_refused_when_it_is_replayed() -> None:
    secret = new_secret()
    given = headers("msg_1", BODY, now() - timedelta(minutes=6), [SigningSecret(text=secret)])
    assert not accepts(secret, BODY, given)


def test_a_new_secret_and_the_one_before_both_sign_until_its_day_is_over() -> None:
    post = Post()
    first = post.acts.create(SHOP, (), "alice")
    second = post.acts.rotate(first.endpoint.id, "alice")
    kept = post.keyring.open(second.endpoint)

    def signed(after: timedelta) -> dict[str, str]:
        moved = [replace(each, until=each.until and each.until - NOW + now() - after) for each in kept]
        return headers("msg_1", BODY, now(), moved)

    within, after = signed(timedelta(hours=23)), signed(timedelta(hours=24, seconds=1))
    assert accepts(first.secret, BODY, within)
    assert accepts(second.secret, BODY, within)
    assert not accepts(first.secret, BODY, after)
    assert accepts(second.secret, BODY, after)
    assert len(within["webhook-signature"].split()) == 2


def test_rotating_again_does_not_lengthen_the_life_of_an_older_secret() -> None:
    post = Post()
    first = post.acts.create(SHOP, (), "alice").endpoint
    post.acts.rotate(first.id, "alice")
    post.clock.move(hours=23)
    latest = post.acts.rotate(first.id, "alice").endpoint
    assert [each.until and each.until - NOW for each in post.keyring.open(latest)] == [
        None,
        timedelta(hours=47),
        timedelta(hours=24),
    ]


def test_however_often_it_is_rotated_a_message_has_four_signatures_at_most() -> None:
    post = Post()
    endpoint = post.endpoint()
    for _ in range(9):
        endpoint = post.acts.rotate(endpoint.id, "alice").endpoint
    assert len(post.keyring.open(endpoint)) == 4


def test_secrets_are_random_and_of_the_size_that_the_specification_allows() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b64decode(each.removeprefix("whsec_"))) for each in made} == {32}


@pytest.mark.parametrize("size", [24, 64])
def test_a_secret_of_the_merchant_s_own_may_have_24_to_64_bytes(size: int) -> None:
    text = "whsec_" + base64.b64encode(bytes(size)).decode()
    assert check_secret(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        base64.b64encode(bytes(32)).decode(),
        "whsec_not base64!",
        "whsec_",
        "",
    ],
)
def test_anything_else_is_no_secret_and_is_not_quoted(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        check_secret(text)
    assert raised.value.field == "secret"
    assert not text.removeprefix("whsec_") or text not in str(raised.value)


def test_secrets_show_in_no_repr() -> None:
    made = Post().acts.create(SHOP, (), "alice")
    assert made.secret.removeprefix("whsec_") not in repr(made)


@pytest.mark.parametrize("change", [{"url": "https://evil.example/"}, {"id": "we_other"}, {"sealed_secrets": "sealed"}])
def test_secrets_open_only_for_the_endpoint_and_address_that_they_were_sealed_for(change: dict[str, str]) -> None:
    endpoint = Post().endpoint()
    with pytest.raises(ForgedEndpoint, match="somebody wrote to the database"):
        Keyring(sealer=PlainSealer()).open(replace(endpoint, **change))  # type: ignore[arg-type]
