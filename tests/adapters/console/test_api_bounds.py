"""What the API does not take: too much, too deep, too slow, too often, of another kind."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote

import pytest

from adapters.console.api import ApiLimits, reading
from adapters.console.api.limits import BUCKETS_MAX, TokenBuckets, neighbourhood
from adapters.console.api.problems import Problem
from adapters.console.api.reading import read_json
from adapters.console.api.shell import REQUESTS_MAX
from payout.api_key import Scope
from payout.ports import Store
from tests.adapters.console.counter import API, Counter
from tests.factories import ADDRESS

FACTS = {"external_id": "E-1", "usd": "25.00", "asset": "XMR", "destination": ADDRESS}

MALFORMED = {
    "nothing": b" ",
    "no JSON": b"usd=25",
    "cut off": b'{"usd":',
    "more than one value": b"{}{}",
    "a name twice": b'{"usd":"1","usd":"2"}',
    "a name twice, spelled otherwise": b'{"usd":"1","\\u0075sd":"2"}',
    "a name twice, further in": b'{"a":[{"b":1,"b":1}]}',
    "NaN": b'{"usd":NaN}',
    "Infinity": b'{"usd":-Infinity}',
    "an endless number": b'{"revision":' + b"9" * 5000 + b"}",
    "not UTF-8": b'{"usd":"\xff"}',
    "UTF-16": '{"usd":"1"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"usd":"1"}',
    "half a character": b'{"usd":"\\ud800"}',
    "half a character in a name": b'{"\\udfff":1}',
    "too deep": b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
    "absurdly deep": b"[" * 60_000,
    "deep behind a bracket in a text": b'{"a":"]]]]]]]]]]]]]]]]]]]]]]","b":' + b"[" * 20 + b"]" * 20 + b"}",
    "a NUL": b'{"usd":"\x00"}',
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_a_body_that_two_readers_could_read_differently_is_refused(counter: Counter, raw: bytes) -> None:
    said = counter("POST", "/refunds", raw=raw)

    assert (said.status, said.code) == (400, "malformed_json")
    assert said.json["detail"]


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"null", b"1"])
def test_a_body_that_is_no_object_is_refused(counter: Counter, raw: bytes) -> None:
    said = counter("POST", "/refunds", raw=raw)

    assert (said.status, said.code) == (422, "invalid")


def test_a_body_may_be_nested_as_far_as_any_of_ours_and_hold_every_character() -> None:
    text = 'a "quoted" [bracket] \\ \U0001f600 \u00e9'

    assert read_json(json.dumps({"a": [[text]]}).encode()) == {"a": [[text]]}


@pytest.mark.parametrize("end", [b"", b"\\"])
def test_a_text_that_never_ends_is_looked_at_once_and_not_from_each_of_its_quotes(counter: Counter, end: bytes) -> None:
    """Each quote in it would be a new beginning: 64 kB would keep the whole console busy for half a minute."""
    raw = b'"' + b'[\\"' * 20_000 + end

    assert reading._depth(raw) == 0
    assert counter("POST", "/refunds", raw=raw).code == "malformed_json"


@pytest.mark.parametrize("header", [{}, {"content-length": "10"}])
def test_a_body_that_is_too_large_is_refused_whatever_length_it_claims(
    counter: Counter, header: dict[str, str]
) -> None:
    raw = json.dumps({**FACTS, "reason": "x" * 64_000}).encode()

    said = counter("POST", "/refunds", raw=raw, headers=header)

    assert (said.status, said.code) == (413, "body_too_large")
    assert counter.count == 0


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    class Silent(reading.ApiRequest):
        async def _read(self) -> bytes:
            raise TimeoutError

    async def ask() -> None:
        await Silent({"type": "http", "headers": []}).body()

    with pytest.raises(Problem) as told:
        asyncio.run(ask())
    assert told.value.code == "body_too_slow"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "json", ""]
)
def test_a_body_of_another_kind_is_refused(counter: Counter, kind: str) -> None:
    said = counter("POST", "/refunds", FACTS, headers={"content-type": kind})

    assert (said.status, said.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/merge-patch+json"]
)
def test_json_is_taken_by_any_of_its_names(counter: Counter, kind: str) -> None:
    assert counter("POST", "/refunds", FACTS, headers={"content-type": kind}).status == 201


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html", 406),
        ("text/html;q=0.9, application/xml", 406),
        ("text/html, */*;q=0.1", 200),
        ("application/*", 200),
        ("application/problem+json", 200),
        ("", 200),
    ],
)
def test_whoever_takes_no_json_is_told_so(counter: Counter, accept: str, status: int) -> None:
    said = counter("GET", "/refunds", headers={"accept": accept})

    assert said.status == status
    assert status == 200 or said.code == "not_acceptable"


@pytest.mark.parametrize("path", ["", "/", "/refunds/", "//refunds", "/refunds/a/b/c", "/docs", "/../hooks", "/admin"])
def test_an_address_that_is_not_there_is_a_problem_too(counter: Counter, path: str) -> None:
    said = counter("GET", path)

    assert (said.status, said.code) == (404, "not_found")


def test_a_method_that_an_address_does_not_take_names_those_that_it_does(counter: Counter) -> None:
    said = counter("PATCH", "/refunds")

    assert (said.status, said.code, said.headers["allow"]) == (405, "method_not_allowed", "GET, POST")
    assert counter("DELETE", "/health").headers["allow"] == "GET"


def test_a_parameter_that_an_address_does_not_know_is_not_left_out_in_silence(counter: Counter) -> None:
    for method, path in (("POST", "/refunds?dry_run=1"), ("GET", "/pauses?dry_run=1")):
        said = counter(method, path, FACTS if method == "POST" else None)
        assert (said.status, said.code, said.json["field"]) == (422, "invalid", "dry_run")
    assert counter.count == 0


@pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=1&limit=1", "external_id=E-1&external_id=E-2"])
def test_a_parameter_with_two_values_is_not_taken_by_one_of_them(counter: Counter, query: str) -> None:
    said = counter("GET", f"/refunds?{query}")

    assert (said.status, said.code, said.json["field"]) == (422, "invalid", query.partition("=")[0])
    assert counter("GET", "/refunds?status=PAID&status=HELD").status == 200


@pytest.mark.parametrize("key", ["E-1%00", "%E2%80%AE", "x" * 129])
def test_a_key_in_the_address_that_nothing_can_have_is_refused(counter: Counter, key: str) -> None:
    said = counter("GET", f"/refunds/{unquote(key)}")

    assert said.status == 422
    assert said.json["field"] == "key"


# ---------------------------------------------------------------- how often


def test_a_key_may_ask_so_often_a_minute_and_is_told_when_it_may_again() -> None:
    counter = Counter(limits=ApiLimits(per_minute=3))
    other = counter.key("shop", [Scope.READ])

    said = [counter("GET", "/refunds").status for _ in range(4)]
    last = counter("GET", "/refunds")
    beside = counter("GET", "/refunds", known=other)
    counter.close()

    assert said == [200, 200, 200, 429]
    assert (last.code, int(last.headers["retry-after"]) in range(1, 61)) == ("rate_limited", True)
    assert beside.status == 200


def test_a_key_may_change_so_much_a_day_and_can_still_look_and_pause() -> None:
    counter = Counter(limits=ApiLimits(changes_per_day=3))

    made = [counter.owe(f"E-{number}").status for number in range(4)]
    refused = counter("POST", "/refunds/E-1/cancel", {"why": "w"})
    beside = [
        counter("GET", "/refunds").status,
        counter("POST", "/quotes", {"refund": "E-1"}).status,
        counter("PUT", "/pauses/all", {"why": "stolen key"}).status,
    ]
    counter.close()

    assert made == [201, 201, 201, 429]
    assert (refused.code, int(refused.headers["retry-after"])) == ("rate_limited", 24 * 60 * 60 // 3)
    assert beside == [200, 200, 200]


def test_failed_tries_of_one_address_are_counted_and_a_valid_key_is_never_locked_out_by_them() -> None:
    counter = Counter(limits=ApiLimits(strangers_per_minute=2))

    def stranger(address: str) -> int:
        return counter.caller("GET", f"{API}/refunds", address=address).status

    tries = [stranger("198.51.100.1") for _ in range(3)]
    others = [stranger("198.51.100.2"), stranger("2001:db8::1"), stranger("2001:db8::2"), stranger("2001:db8::3")]
    told = counter.caller("GET", f"{API}/refunds", address="198.51.100.1")
    ours = counter("GET", "/refunds", address="198.51.100.1")
    counter.close()

    assert tries == [401, 401, 429]
    assert others == [401, 401, 401, 429]  # A household has as many IPv6 addresses as it likes.
    assert (told.code, "retry-after" in told.headers) == ("too_many_failures", True)
    assert ours.status == 200


def test_a_bucket_fills_again_with_time_and_never_holds_more_than_a_minutes_worth() -> None:
    now = [0.0]
    buckets = TokenBuckets(60, now=lambda: now[0])

    assert [buckets.take("a") for _ in range(61)] == [0] * 60 + [1]
    now[0] += 1.0
    assert [buckets.take("a"), buckets.take("a")] == [0, 1]
    now[0] += 3600.0
    assert [buckets.take("a") for _ in range(61)] == [0] * 60 + [1]
    now[0] -= 1800.0  # A clock that was set back gives nothing, and takes nothing for ever.
    assert buckets.take("a") == 1
    now[0] += 1.0
    assert buckets.take("a") == 0


def test_buckets_do_not_grow_with_the_number_of_addresses() -> None:
    buckets = TokenBuckets(1, now=lambda: 0.0)

    for number in range(BUCKETS_MAX + 10):
        buckets.take(str(number))

    assert len(buckets._buckets) == BUCKETS_MAX


def test_addresses_of_one_household_share_a_bucket() -> None:
    assert neighbourhood("2001:db8:1:2:3::4") == neighbourhood("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert neighbourhood("::ffff:203.0.113.7") == neighbourhood("203.0.113.7") == "203.0.113.7"
    assert neighbourhood("x" * 1000) == "x" * 64


def test_more_requests_at_once_than_are_worked_on_are_told_to_come_again(counter: Counter) -> None:
    doors = threading.Event()

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(counter.store, name)

        def list_refunds(self, **_: Any) -> tuple[()]:
            doors.wait(10)
            return ()

    counter.serve(replace(counter.parts, store=cast("Store", Slow())))
    call = counter.caller.call

    async def last() -> Any:
        said = await call("GET", f"{API}/health")
        doors.set()
        return said

    every = [call("GET", f"{API}/refunds", headers=counter.panel.headers) for _ in range(REQUESTS_MAX)]
    *said, refused = counter.caller.gather(*every, last())

    assert (refused.status, refused.code) == (503, "busy")
    assert {each.status for each in said} == {200}
    assert counter("GET", "/refunds").status == 200
