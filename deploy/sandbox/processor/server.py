"""One loopback server that speaks the protocols of four swap processors, each under its own path.

`GET /control` shows orders, prices and faults; `POST /control` changes them, so that commands in another
process can. Nothing here is reachable from outside the machine.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from deploy.sandbox.processor.changenow import ChangeNow
from deploy.sandbox.processor.coin import COINS
from deploy.sandbox.processor.control import control, state
from deploy.sandbox.processor.engine import Engine, Refusal
from deploy.sandbox.processor.exolix import Exolix
from deploy.sandbox.processor.faults import NOT_DONE, CallFault
from deploy.sandbox.processor.order import Order, Stage
from deploy.sandbox.processor.paper import PaperTill, PaperVault
from deploy.sandbox.processor.protocol import PRIVATE_KEY, PUBLIC_KEY, FrontEnd, Request, Route
from deploy.sandbox.processor.stealthex import StealthEx
from deploy.sandbox.processor.trocador import Trocador
from deploy.sandbox.processor.webhooks import tell
from deploy.sandbox.rate_protocols import Json, encode
from deploy.sandbox.serving import HANG_SECONDS, HTML_PAGE, JsonHandler, Serving

BODY_MAX_BYTES = 64 * 1024
FRONT_ENDS: tuple[type[FrontEnd], ...] = (ChangeNow, Trocador, Exolix, StealthEx)


class ProcessorServer(Serving):
    """Over paper chains, or over the engine given."""

    def __init__(self, engine: Engine | None = None, *, port: int = 0, step_every: float | None = None) -> None:
        self.vault, self.till = PaperVault(), PaperTill()
        networks = {coin.network for coin in COINS.values()}
        self.engine = engine or Engine(self.vault, dict.fromkeys(networks, self.till))
        self.front_ends = {kind.name: kind(self.engine) for kind in FRONT_ENDS}
        self.requests: Counter[tuple[str, str]] = Counter()
        """How often each processor's calls were made: ("exolix", "create")."""
        served = self

        class Handler(_Handler):
            def setup(self) -> None:
                super().setup()
                self.served, self.stopping = served, served.stopping

        super().__init__(Handler, port)
        self._threads.append(threading.Thread(target=tell, args=(self.engine, Trocador(self.engine)), daemon=True))
        if step_every is not None:
            self._threads.append(threading.Thread(target=self._keep_stepping, args=(step_every,), daemon=True))

    def base_url(self, processor: str) -> str:
        """What goes into the worker's configuration as the processor's url."""
        return self.url + self.front_ends[processor].prefix

    @property
    def api_key(self) -> str:
        """The key that every protocol wants."""
        return PUBLIC_KEY

    @property
    def private_key(self) -> str:
        """ChangeNOW's second key, for its list alone."""
        return PRIVATE_KEY

    def order(self, order_id: str) -> Order:
        return self.engine.order(order_id)

    def deposit(self, order_id: str, piconero: int | None = None, *, depth: int = 0) -> str:
        """On paper: pay an order's deposit, all of it unless told; the transaction's id. The order sees it."""
        if self.engine.vault is not self.vault:
            raise ValueError("this processor works on real chains: send it real coins")
        order = self.engine.order(order_id)
        txid = self.vault.deposit(order.deposit_address, piconero or order.deposit, depth=depth)
        self.engine.step()
        return txid

    def complete(self, order_id: str) -> Order:
        """On paper: deposit what is missing, confirm it, and go as far as the order's faults let it."""
        order = self.engine.order(order_id)
        if order.stage is Stage.WAITING and order.deposit_txid is None:
            self.deposit(order_id)
        self.vault.mine(self.engine.policy.confirmations)
        self.engine.settle()
        return order

    def stop(self) -> None:
        self.stopping.set()
        self.engine.news.put(None)
        super().stop()

    def _keep_stepping(self, every: float) -> None:
        while not self.stopping.wait(every):
            with contextlib.suppress(OSError):  # A node is away: the next step looks again.
                self.engine.step()


class _Handler(JsonHandler):
    """One request; which processor it is for is the first part of the path."""

    served: ProcessorServer
    stopping: threading.Event

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_MAX_BYTES:
            self.close_connection = True
            self.send(413, json.dumps({"error": "too long"}))
            return
        try:
            body = json.loads(self.rfile.read(length) or "{}", parse_float=Decimal)
        except ValueError:
            body = None
        if isinstance(body, dict):
            self._serve(body)
        else:
            self.send(400, json.dumps({"error": "no JSON object"}))

    def _serve(self, body: dict[str, Any]) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/control":
            self._control(body)
            return
        for front in self.served.front_ends.values():
            if asked.path.startswith(f"{front.prefix}/"):
                query = dict(parse_qsl(asked.query, keep_blank_values=True))
                path = asked.path.removeprefix(front.prefix)
                request = Request(
                    method=self.command, path=path, query=query, headers=_Headers(self.headers.items()), body=body
                )
                self._protocol(front, request)
                return
        self.send(404, json.dumps({"processors": [front.prefix for front in self.served.front_ends.values()]}))

    def _control(self, wish: dict[str, Any]) -> None:
        try:
            if self.command == "POST":
                control(self.served.engine, wish)
        except (ArithmeticError, ValueError, TypeError, KeyError, AttributeError) as problem:
            self.send(400, json.dumps({"error": str(problem) or type(problem).__name__}))
        else:
            self.send(200, json.dumps(state(self.served.engine), indent=2))

    def _protocol(self, front: FrontEnd, request: Request) -> None:
        route = front.route(request)
        if route is None:
            self.send_json(front.denied(404))
            return
        engine = self.served.engine
        self.served.requests[front.name, route.call] += 1
        with engine.lock:
            fault = engine.faults.take(front.name, route.call)
        if fault is not None:
            self._spoil(front, route, request, fault)
        else:
            self.send_json(_answer(front, route, request))

    def _spoil(self, front: FrontEnd, route: Route, request: Request, fault: CallFault) -> None:
        """Answer as the fault has it, the work done or not."""
        answer = None if fault.kind in NOT_DONE else _answer(front, route, request)
        match fault.kind:
            case "html" | "html_after":
                self.send(200, HTML_PAGE, ("Content-Type", "text/html"))
            case "500" | "500_after":
                self.send(500, HTML_PAGE, ("Content-Type", "text/html"))
            case "401" | "403":
                self.send_json(front.denied(int(fault.kind)))
            case "429":
                self.send_json(front.denied(429), ("Retry-After", "7"))
            case "redirect":
                self.send(302, "", ("Location", "http://127.0.0.1:9/elsewhere"))
            case "error_200":
                self.send_json(front.error_200())
            case "odd":
                self.send(200, '{"data":[[]],"ok":1}')
            case "twice":
                self.send_json(_answer(front, route, request))
            case "slow" if answer is not None:
                self.stopping.wait(fault.seconds)
                self.send_json(answer)
            case "truncated" if answer is not None:
                self.send_half(answer.status, encode(answer.value))
            case _:  # lost, drop, hang: nothing comes.
                self.stopping.wait(HANG_SECONDS if fault.kind == "hang" else 0)
                self.close_connection = True


class _Headers(dict[str, str]):
    """Header names in whatever case."""

    def __init__(self, items: list[tuple[str, str]]) -> None:
        super().__init__({name.lower(): value for name, value in items})

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return super().get(name.lower(), default)


def _answer(front: FrontEnd, route: Route, request: Request) -> Json:
    if not front.allowed(route, request):
        return front.denied(401)
    try:
        return route.act(request)
    except Refusal as refusal:
        return front.refused(refusal)
    except ValueError as problem:
        return front.refused(Refusal("request", str(problem)))
