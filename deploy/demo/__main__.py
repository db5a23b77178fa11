"""
`make demo`: plays the story, and ends with 0 if every refund was paid once and to the unit, else with 1.

Whatever happens, the processes that it started are ended.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Final

from deploy.demo.shell import DemoError
from deploy.demo.stage import end_on_signals, stage
from deploy.demo.story import Story
from deploy.demo.voice import Voice
from deploy.sandbox.process import SandboxError
from deploy.sandbox.rpc import RpcError

FOLDER: Final = Path("var/demo")
INTERRUPTED: Final = 130


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description="Pay a queue of refunds, and look.")
    parser.add_argument("--dir", type=Path, default=FOLDER, help="where everything is kept; default: %(default)s")
    folder = parser.parse_args().dir.resolve()
    voice, began = Voice(), time.monotonic()
    end_on_signals()
    voice.title("The refund payout worker: a queue of refunds, paid on real nodes of Monero, Ethereum and Bitcoin")
    voice.say(
        "The nodes run private chains (regtest), so their coins are worth nothing. It takes about two minutes, and "
        f"a minute more the first time. Configuration, database and logs stay in {folder}. The nodes start now.",
    )
    try:
        with stage(folder) as on:
            good = Story(on, voice).play()
    except (DemoError, SandboxError, RpcError, OSError) as problem:
        voice.verdict(f"The demo stopped: {problem}", good=False)
        voice.say(f"Look into {folder}: daemon.log is the worker's, network/ holds those of the node and wallets.")
        return 1
    except KeyboardInterrupt:
        voice.say("Stopped, and so is everything that was started.")
        return INTERRUPTED
    voice.say(
        f"It took {time.monotonic() - began:.0f} s. Look around: payout.toml, the database and the logs are there."
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
