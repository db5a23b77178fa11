"""Everything about a running processor can be set and seen from another process."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from deploy.sandbox.processor import ProcessorServer, Stage
from tests.deploy.processor.clients import PATIENCE, Exolix


def wish(server: ProcessorServer, **asked: Any) -> requests.Response:
    return requests.post(f"{server.url}/control", json=asked, timeout=PATIENCE)


def test_everything_can_be_set_from_another_process(server: ProcessorServer) -> None:
    assert wish(server, fault="hold", order="next").ok
    order = server.order(Exolix(server).create("100").body["id"])
    assert wish(server, fault="receive@read", order=order.id, value="0.5").ok
    assert wish(server, fault="500", processor="exolix", call="read", times=1).ok
    assert wish(server, prices={"USDT": "1.10"}, processor="exolix", spread="0.04").ok
    assert wish(server, policy={"late": "pay", "confirmations": 3}, advance=30).ok
    server.vault.mine(3)
    server.complete(order.id)
    said = wish(server).json()
    assert said["faults"] == ["exolix read: 500 x1"]
    assert (said["orders"][0]["stage"], said["orders"][0]["faults"]) == ("held", {"hold": "", "receive@read": "0.5"})
    assert server.engine.prices.usd["USDT"] == Decimal("1.10")
    assert wish(server, release=order.id, how="return", mend=order.id).ok
    server.engine.settle()
    assert order.stage is Stage.RETURNED


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"fault": "sulk"}, "no fault sulk"),
        ({"fault": "hold", "order": "x"}, "no order x"),
        ({"fault": "hold@read"}, "no fault of an order hold@read"),
        ({"fault": "500", "call": "sing"}, "no call sing"),
        ({"prices": {"XMR": "0"}}, "positive number of USD"),
        ({"policy": {"late": "shrug"}}, "pay, return or hold"),
        ({"release": "x"}, "no order x"),
    ],
)
def test_nonsense_from_outside_is_refused_in_words(asked: dict[str, Any], word: str, server: ProcessorServer) -> None:
    refused = wish(server, **asked)
    assert refused.status_code == 400
    assert word in refused.json()["error"]
