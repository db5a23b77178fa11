"""A line to wallet or node that breaks, lies or dribbles: nothing was done, and that is said."""

from __future__ import annotations

import pytest

from adapters.coins.monero.calls import Call
from adapters.coins.monero.rpc import Rpc
from adapters.http import Timeouts
from payout.errors import RailUnavailable
from payout.transfer import Output, Payload
from tests.adapters.coins.fake_monero import (
    CUSTOMER,
)
from tests.adapters.raw_server import Behaviour, RawServer, answering, closing, dribbling

OUTPUTS = [Output(address=CUSTOMER, units=5)]
PAYLOAD = Payload(metadata="0102c4nary", blob="0200", tx_key="1a")
RIVAL = "dd" * 32


@pytest.mark.parametrize(
    "behave",
    [
        answering("401 Unauthorized", b"<html>401</html>", "Content-Type: text/html"),
        answering("500 Internal Server Error", b"{}"),
        answering("200 OK", b"<html>hello</html>"),
        answering("200 OK", b"[1, 2]"),
        answering("200 OK", b'{"id": "0"}'),
        answering("200 OK", b'{"result": 7}'),
        answering("200 OK", b'{"result": {}}'[:-3]),
        answering("302 Found", b"", "Location: http://127.0.0.1:1/"),
        closing(),
        closing(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
    ],
)
def test_an_answer_that_is_none_is_an_outage(behave: Behaviour) -> None:
    with RawServer(behave) as server, pytest.raises(RailUnavailable):
        Rpc(server.url, name="wallet-rpc").ask(Call(name="get_height"))


def test_a_server_that_dribbles_is_an_outage_after_the_time_for_the_call() -> None:
    behave = dribbling(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" ")
    patience = Timeouts(connect=1, read=1, total=0.3)

    with RawServer(behave) as server, pytest.raises(RailUnavailable):
        Rpc(server.url, name="wallet-rpc").ask(Call(name="get_height", timeouts=patience))


def test_a_port_on_which_nobody_listens_is_an_outage() -> None:
    with RawServer(closing()) as server:
        url = server.url

    with pytest.raises(RailUnavailable, match="is it running"):
        Rpc(url, name="wallet-rpc").ask(Call(name="get_height"))
