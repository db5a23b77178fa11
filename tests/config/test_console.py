"""`payout console` as a process: it says where it listens, marks orders, and ends in time."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from adapters.console.hooks import hook_app
from adapters.console.serve import listen, server
from config.settings import load
from config.wiring import House
from deploy.sandbox.process import free_port
from deploy.sandbox.processor import ProcessorServer
from tests.adapters.console.served import served
from tests.config.line import OTHER, Line
from tests.config.swapping import Swap, with_processors

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 200


def test_a_processors_webhook_reaches_its_order_and_sigterm_ends_the_console(line: Line) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    with_processors(line, ["trocador"], more=f'[console]\nlisten = "127.0.0.1:{port}"\npublic_url = "{public}"\n')
    swap = Swap(line, processor="trocador").funded()
    hook = House(load(line.file)).swaps._hook("trocador")
    assert hook is not None
    process = subprocess.Popen(
        [sys.executable, "-m", "config.main", "console", "--config", str(line.file)],
        cwd=ROOT,
        env={**os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert f"serving http://127.0.0.1:{port}/api/v1, and receiving webhooks" in process.stdout.readline()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        connection.request("POST", hook.url.removeprefix(public), body=b"{}")
        assert connection.getresponse().status == 204
        connection.close()
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
        process.wait()

    assert process.returncode == 0, log
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert hook.url.rpartition("/")[2] not in log
    assert "Started server process" not in log  # The server's own news is noise.
    with line.store() as store:  # It was not genuine: an empty body has no key.
        assert store.order(swap.order.id).poked_at is None


def test_what_trocador_itself_sends_makes_us_look_at_its_order(line: Line) -> None:
    with ProcessorServer() as service, listen("127.0.0.1", 0) as listening:
        public = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with_processors(line, ["trocador"], service, more=f'[console]\npublic_url = "{public}"\n')
        house = House(load(line.file))
        parts = house.swaps
        serving = server(hook_app(parts.processors, parts.hooks.fits, house.store, house.clock))
        with served(serving, listening), closing(house):
            swap = Swap(line, processor="trocador", return_address=OTHER)
            trocador = parts.processors["trocador"]
            trocador.refresh()
            said = trocador.create(swap.order, trocador.quote(swap.order.receive))
            swap.funded(processor_id=said.processor_id)
            service.deposit(said.processor_id)
            until(lambda: poked(line, swap))


def poked(line: Line, swap: Swap) -> bool:
    with line.store() as store:
        return store.order(swap.order.id).poked_at is not None


def until(done: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_the_console_says_what_it_lacks(line: Line) -> None:
    (line.folder / "var" / "hooks.key").unlink()

    said = line("console")

    assert said.code == 2
    assert "console.hook_key_file" in said.err
    assert "run `payout init`" in said.err
