"""
Addresses by which somebody could try to make a webhook reach what is ours: none of them is ever connected to.

The watched sender reports each connection that it tries, so that an address without a listener counts too.
"""

from __future__ import annotations

import pytest

from tests.adapters.raw_server import RawServer, answering
from tests.adapters.webhooks.watched import PUBLIC, Watched

LITERALS = [
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://127.255.255.254/",
    "https://0.0.0.0/",
    "https://0.1.2.3/",
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://100.64.0.1/",
    "https://100.127.255.254/",
    "https://169.254.169.254/latest/meta-data/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.0.0.192/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://192.168.1.1/",
    "https://198.18.0.1/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://239.255.255.250/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:93.184.215.14]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a00:1::1]/",
    "https://[2001:0:53aa:64c:0:fbff:80ff:fffe]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[100::1]/",
    "https://[5f00::1]/",
    "https://[4000::1]/",
    "https://[fc00::1]/",
    "https://[fd12:3456:789a::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
]
"""Written plainly, as an address of no public network."""

SPELLINGS = [
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://127.0.0.1./",
    "https://127.0.0.01/",
    "https://1.1.1.1.1/",
    "https://0xa9fea9fe/",
    "https://[::1",
    "https://::1/",
    "https://[127.0.0.1]/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://ⓛocalhost/",
    "https://localhost%00.shop.example/",
    "https://127.0.0.1%2f.shop.example/",
    "https://127.0.0.1%09/",
    "https://localhost./",
    "https://LOCALHOST/",
    "https://localhost/",
    "https://localhost:22/",
    "https://localhost:6379/",
    "https://localhost:0/",
    "https://localhost:99999/",
    "https://localhost:8443:443/",
    "https://localhost:+8443/",
    "https://localhost:/",
    "https://shop.example@127.0.0.1/",
    "https://shop.example:443@127.0.0.1/",
    "https://127.0.0.1#@shop.example/",
    "https://127.0.0.1?@shop.example/",
    "https://127.0.0.1\\@shop.example/",
    "https://shop.example\\@127.0.0.1/",
    "https:\\\\127.0.0.1/",
    "https:127.0.0.1",
    "https:///127.0.0.1/",
    "https://127.0.0.1 /",
    " https://127.0.0.1/",
    "https://127.0.0.1\n/",
    "https://shop.example/\r\nHost: 127.0.0.1",
    "//127.0.0.1/",
    "http://127.0.0.1/",
    "http://shop.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://127.0.0.1/",
    "dict://127.0.0.1:11211/stats",
    "unix:/run/payout.sock",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "HTTPS://127.0.0.1/",
    "",
    "https://",
    "https://-shop.example/",
    "https://" + "a" * 64 + ".example/",
    "https://shop.example/" + "a" * 2000,
]
"""Written so that two readers might differ."""

ANSWERS = {
    "metadata.evil.example": ["169.254.169.254"],
    "loop.evil.example": ["127.0.0.1"],
    "loop6.evil.example": ["::1"],
    "private.evil.example": ["10.0.0.5"],
    "cgnat.evil.example": ["100.100.100.200"],
    "zero.evil.example": ["0.0.0.0"],  # noqa: S104 - nothing is bound.
    "mapped.evil.example": ["::ffff:10.0.0.5"],
    "sixtofour.evil.example": ["2002:a00:5::1"],
    "nat64.evil.example": ["64:ff9b::a00:5"],
    "unique.evil.example": ["fd00::1"],
    "link.evil.example": ["fe80::1%lo"],
    "multicast.evil.example": ["224.0.0.251"],
    "both.evil.example": [PUBLIC, "127.0.0.1"],
    "both-turned.evil.example": ["127.0.0.1", PUBLIC],
    "both6.evil.example": [PUBLIC, "::1"],
    "many.evil.example": [f"93.184.215.{n}" for n in range(1, 40)],
    "none.evil.example": [],
    "text.evil.example": ["localhost"],
}
"""Names that lead where nothing may be sent."""


@pytest.mark.parametrize("url", [*LITERALS, *SPELLINGS])
def test_an_address_that_leads_inside_is_never_connected_to(url: str) -> None:
    watched = Watched({"shop.example": [["10.0.0.1"]], "localhost.": [["127.0.0.1"]]})

    answer = watched.post(url)

    assert watched.dialed == []
    assert (answer.status, answer.taken) == (None, False)
    assert answer.words


@pytest.mark.parametrize("name", ANSWERS)
def test_a_name_that_leads_inside_is_never_connected_to(name: str) -> None:
    watched = Watched({name: [ANSWERS[name]]})

    answer = watched.post(f"https://{name}:8443/hook")

    assert watched.dialed == []
    assert answer.status is None


def test_this_machine_by_its_own_name_is_never_connected_to() -> None:
    watched = Watched()
    assert "loopback" in watched.post("https://localhost/").words
    assert (watched.looked_up, watched.dialed) == (["localhost"], [])


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len({*LITERALS, *SPELLINGS, *ANSWERS}) >= 40


def test_a_name_that_changes_its_answer_is_asked_once_and_pinned() -> None:
    with RawServer(answering("200 OK", b"")) as server:
        rebinding = {"rebind.evil.example": [[PUBLIC], ["127.0.0.1"]]}
        watched = Watched(rebinding, allow=[f"{PUBLIC}/32"], door=int(server.url.rpartition(":")[2]))

        first = watched.post("http://rebind.evil.example:8080/hook")
        second = watched.post("http://rebind.evil.example:8080/hook")

    assert (first.status, second.status) == (200, None)
    assert watched.dialed == [(PUBLIC, 8080)]
    assert watched.looked_up == ["rebind.evil.example"] * 2
    assert b"\r\nHost: rebind.evil.example:8080\r\n" in server.requests[0]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_inside_is_not_followed(status: str) -> None:
    with RawServer(answering("200 OK", b"")) as inside:
        with RawServer(answering(status, b"", f"Location: {inside.url}/admin")) as server:
            watched = Watched(
                {"shop.example": [[PUBLIC]]}, allow=[f"{PUBLIC}/32"], door=int(server.url.rpartition(":")[2])
            )
            answer = watched.post("http://shop.example/hook")

        assert inside.requests == []
    assert answer.status == int(status[:3])
    assert not answer.taken
    assert "a redirect, which is never followed" in answer.words
    assert len(watched.dialed) == 1


def test_a_proxy_from_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(answering("200 OK", b"")) as proxy, RawServer(answering("204 No Content", b"")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        watched = Watched({"shop.example": [[PUBLIC]]}, allow=[f"{PUBLIC}/32"], door=int(server.url.rpartition(":")[2]))

        assert watched.post("http://shop.example/hook").status == 204
        assert proxy.requests == []


def test_a_network_that_is_allowed_opens_nothing_beside_it() -> None:
    with RawServer(answering("200 OK", b"")) as server:
        port = int(server.url.rpartition(":")[2])
        watched = Watched({"inside.example": [["127.0.0.1"]], "other.example": [["10.0.0.1"]]}, allow=["127.0.0.1/32"])

        assert watched.post(f"http://127.0.0.1:{port}/").taken
        assert watched.post(f"http://inside.example:{port}/").taken
        for url in (f"http://127.0.0.2:{port}/", "https://other.example/", "http://[::ffff:127.0.0.1]/"):
            assert watched.post(url).status is None

    assert watched.dialed == [("127.0.0.1", port)] * 2


def test_plain_http_to_a_public_address_is_refused_even_where_a_network_is_allowed() -> None:
    watched = Watched({"shop.example": [[PUBLIC]]}, allow=["10.0.0.0/8"])
    assert "must be https" in watched.post("http://shop.example/hook").words
    assert watched.dialed == []
