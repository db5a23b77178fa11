"""
The story, act by act. Each act is what a person would do, and says why it is done.

It ends with the tally; True means that every refund was paid once, and to the unit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.demo import tally
from deploy.demo.cast import Owed, cast, with_a_slip, write_csv
from deploy.demo.configuration import LEASE_SECONDS, fill_in, settings_for
from deploy.demo.receipt import show
from deploy.demo.shell import Shell
from deploy.demo.stage import BLOCK_SECONDS, Stage
from deploy.demo.voice import Voice
from deploy.demo.watch import Counts, Watch
from deploy.sandbox import XMR

KILL_AFTER: Final = 15
"""Refunds on their way when the daemon is killed: one full transfer at least."""

PAYING_SECONDS: Final = 120
FINAL_SECONDS: Final = 240
PRICE_LATER: Final = "151.37"


class Story:
    """Plays on a stage, and speaks with one voice."""

    def __init__(self, stage: Stage, voice: Voice) -> None:
        self._stage = stage
        self._voice = voice
        self._shell = Shell(stage.folder, voice)
        self._watch = Watch(self._shell, voice, stage.network, stage.daemon)
        self._refunds: list[Owed] = []
        self._balance = 0

    def play(self) -> bool:
        self._introduce()
        self._configure()
        self._hand_in()
        self._approve()
        self._pay_until_killed()
        self._pay_the_rest()
        return self._count()

    def _introduce(self) -> None:
        network, voice = self._stage.network, self._voice
        self._balance = network.hot.balance()
        voice.act("A node, two wallets, five rate sources")
        voice.output(
            [
                f"monerod --regtest     {network.daemon.url}  a chain of its own, at block {network.daemon.height()}",
                f"the merchant's wallet {network.hot.url}  {self._balance // XMR} XMR in 16 outputs",
                f"the customers' wallet {network.customer.url}  whose word counts at the end",
                f"rate server           {self._stage.rates.url}  speaks as {', '.join(self._stage.rates.urls())}",
            ]
        )

    def _configure(self) -> None:
        shell, file = self._shell, self._stage.folder / "payout.toml"
        self._voice.act("Configuration")
        shell.run("init")
        settings = settings_for(self._stage.network)
        fill_in(file, settings, self._stage.rates.urls())
        names = ", ".join(key for _, key in settings)
        self._voice.say(f"Now the addresses of this sandbox are written into payout.toml: {names}, and [rates].")
        shell.run("doctor", lines=40)
        shell.run("rates", lines=20)

    def _hand_in(self) -> None:
        shell, file = self._shell, Path("refunds.csv")
        self._refunds = cast(self._stage.network)
        cents = sum(owed.cents for owed in self._refunds)
        self._voice.act("Refunds in")
        self._voice.say(
            f"The shop exports {len(self._refunds)} refunds worth {cents // 100}.{cents % 100:02d} USD, to "
            f"{tally.ways(self._refunds)} addresses. One address has a typing error:"
        )
        write_csv(shell.folder / file, with_a_slip(self._refunds))
        shell.run("refunds", "import", str(file), expect=2)
        self._voice.say("Nothing was written. The customer is asked again, the row corrected:")
        write_csv(shell.folder / file, self._refunds)
        shell.run("refunds", "import", str(file))
        self._voice.say("Importing a file twice is harmless, since each external_id names one refund for ever:")
        shell.run("refunds", "import", str(file))

    def _approve(self) -> None:
        names = [owed.external_id for owed in self._refunds]
        self._voice.act("Approvals: signatures over each refund, which the worker checks again before it pays")
        self._shell.run("refunds", "approve", "--as", "alice", *names, lines=4)
        self._voice.say("One looks odd to an operator, who holds it:")
        self._shell.run("refunds", "hold", "--as", "bob", "--why", "ask the customer first", self._held)

    @property
    def _held(self) -> str:
        return self._refunds[6].external_id

    def _pay_until_killed(self) -> None:
        voice, daemon = self._voice, self._stage.daemon
        voice.act(f"Paying, with a block every {BLOCK_SECONDS:g} s, until the daemon is killed")
        voice.command("payout run &")
        self._stage.miner.start()
        daemon.start()
        self._watch.until(_in_the_middle, "the first transfer", patience_seconds=PAYING_SECONDS)
        voice.command(f"kill -9 {daemon.pid}")
        daemon.kill()
        counts = self._watch.counts()
        voice.say(
            f"Killed in the middle: {counts['PAYING'] + counts['PAID']} refunds are on their way, "
            f"{counts['APPROVED']} still wait. Nobody who looks only at an answer from the wallet could "
            "know now whether its last transfer left. The spend journal and the chain do."
        )

    def _pay_the_rest(self) -> None:
        voice, daemon, shell = self._voice, self._stage.daemon, self._shell
        voice.act("The daemon is started again")
        voice.command("payout run &")
        daemon.start()
        voice.say(
            f"It may spend once the dead one's lease has run out, {LEASE_SECONDS} s here, and once journal, database, "
            f"wallet and chain tell one story. Meanwhile the price moves to {PRICE_LATER} USD, and the refund "
            "that was held is released:"
        )
        self._stage.rates.set_price("XMR", PRICE_LATER)
        shell.run("refunds", "release", "--as", "bob", self._held)
        everyone = len(self._refunds)
        self._watch.until(lambda c: c["PAID"] == everyone, "all are PAID", patience_seconds=FINAL_SECONDS)
        voice.command(f"kill -TERM {daemon.pid}")
        seconds = daemon.stop()
        voice.output([f"(ended after {seconds:.1f} s)"])
        shell.run("transfers", "list", lines=20)
        voice.say("The history of one that was on its way when the daemon was killed:")
        shell.run("refunds", "show", self._refunds[0].external_id, lines=30)

    def _count(self) -> bool:
        network, shell, voice = self._stage.network, self._shell, self._voice
        voice.act("What each recipient's own wallet received")
        self._stage.miner.stop()
        network.hot.refresh()
        transfers = [each for each in shell.ask("transfers", "list") if network.daemon.transaction(each["tx_id"])]
        result = tally.take(
            self._refunds,
            shell.ask("refunds", "list"),
            transfers,
            payments=tally.payments_of(network.customer),
            spent=self._balance - network.hot.balance(),
        )
        show(result, voice)
        return not result.faults()


def _in_the_middle(counts: Counts) -> bool:
    return counts["PAYING"] + counts["PAID"] >= KILL_AFTER
