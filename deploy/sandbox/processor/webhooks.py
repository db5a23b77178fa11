"""Tells of each change of a trade to the webhook that its client named, on this machine only.

Of the protocols here Trocador's alone has webhooks. A webhook carries a hint and no promise: it is sent
once, and whether it arrives is of no interest.
"""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import requests

from deploy.sandbox.processor.engine import Engine
from deploy.sandbox.processor.trocador import Trocador
from deploy.sandbox.rate_protocols import encode

HOSTS = frozenset({"127.0.0.1", "localhost"})
SECONDS = 5.0


def tell(engine: Engine, trocador: Trocador) -> None:
    """Send what the engine has news of, until it has None."""
    session = requests.Session()
    # The proxies of the environment must never see loopback calls.
    session.trust_env = False
    while (order_id := engine.news.get()) is not None:
        order = engine.order(order_id)
        shown = engine.shown(order_id, order.processor, "webhook")
        if shown is None or order.webhook is None or urlsplit(order.webhook).hostname not in HOSTS:
            continue
        body = encode(trocador.webhook_body(shown, order.webhook_key))
        with contextlib.suppress(OSError):
            session.post(
                order.webhook, data=body.encode(), headers={"Content-Type": "application/json"}, timeout=SECONDS
            )
