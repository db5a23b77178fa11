"""
The story, act by act. Each act is what a person would do, and says why it is done.

It ends with the tally; True means that every refund was paid once, and to the unit.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from deploy.demo import cast as casting
from deploy.demo import outward, receipt, tally
from deploy.demo.accounts import read_accounts
from deploy.demo.configuration import (
    LEASE_SECONDS,
    ONE_APPROVES_USD,
    ORDER_MAX_USD,
    ROUTES,
    fill_in,
    outward_for,
    people_file,
    raise_order_max,
    settings_for,
    swaps_for,
)
from deploy.demo.mishaps import Mishaps
from deploy.demo.shell import Shell
from deploy.demo.stage import BLOCK_SECONDS, Stage
from deploy.demo.swap import swaps_of
from deploy.demo.voice import Voice
from deploy.demo.watch import Queue, Watch
from deploy.sandbox import XMR
from deploy.sandbox.process import free_port

DIRECT_BEFORE_KILL: Final = 15
SWAPPED_BEFORE_KILL: Final = 3
"""Refunds on their way when the daemon is killed: one full transfer at least, and some deposits."""

DEEP: Final = 10
HISTORY: Final = "when  "
"""Where the history begins in what `payout refunds show` prints."""

PAYING_SECONDS: Final = 120
FINAL_SECONDS: Final = 240
HEARD_SECONDS: Final = 60
PRICE_LATER: Final = "151.37"
ORDER_MAX_LATER: Final = "250.00"
PROCESSOR_OF_BIG: Final = ROUTES["BTC"][1]
PROCESSOR_OF_ODD: Final = ROUTES["USDT-ethereum"][0]


class Story:
    """Plays on a stage, and speaks with one voice."""

    def __init__(self, stage: Stage, voice: Voice) -> None:
        self._stage = stage
        self._voice = voice
        self._shell = Shell(stage.folder, voice)
        self._watch = Watch(self._shell, voice, stage.network, stage.daemon)
        self._cast = casting.cast(stage.network, stage.nodes)
        self._mishaps = Mishaps(stage.processors, self._cast)
        self._balance = stage.network.hot.balance()
        self._rates: list[tuple[datetime, Decimal]] = []
        self._port = free_port()
        self._key = ""

    def play(self) -> bool:
        self._introduce()
        self._configure()
        self._name_people()
        self._hand_in()
        self._approve()
        self._pay_until_killed()
        self._start_again()
        self._help_the_stopped()
        self._look_after_the_returned()
        self._pay_the_rest()
        outward.tell_what_was_heard(self._stage.panel, self._voice)
        self._shell.run("audit", "verify")
        return self._count()

    def _introduce(self) -> None:
        network, nodes = self._stage.network, self._stage.nodes
        self._voice.act("Three chains, three wallets, five rate sources, four swap processors")
        self._voice.facts(
            ("monerod --regtest", network.daemon.url, f"a chain of its own, at block {network.daemon.height()}"),
            ("the merchant's wallet", network.hot.url, f"{self._balance // XMR} XMR in 16 outputs"),
            ("the customers' wallet", network.customer.url, "whose word counts at the end"),
            ("anvil", nodes.anvil.url, "an Ethereum of its own, with USDT"),
            ("bcoin --regtest", nodes.bcoin.url, "a Bitcoin of its own"),
            ("rate server", self._stage.rates.url, f"speaks as {', '.join(self._stage.rates.urls())}"),
            ("swap processors", self._stage.processors.url, "take XMR, and really pay ETH, USDT and BTC"),
        )

    def _configure(self) -> None:
        shell, voice, file = self._shell, self._voice, self._stage.folder / "payout.toml"
        voice.act("Configuration")
        shell.run("init")
        settings = settings_for(self._stage.network)
        fill_in(file, settings, self._stage.rates.urls())
        with file.open("a") as out:
            out.write(swaps_for(self._stage.nodes, self._stage.processors.url))
            out.write(outward_for(self._port))
        names = ", ".join(key for _, key in settings)
        voice.say(
            f"Now the addresses of this sandbox are written into payout.toml: {names}, and the sections [rates], "
            f"[processors], [swaps], [chains]. No processor may be sent more than {ORDER_MAX_USD} USD in one order."
        )
        shell.run("doctor", lines=60)
        shell.run("processors", "--asset", "ETH", lines=40)
        self._note_rate()

    def _note_rate(self) -> None:
        """What one XMR is worth from now on, by the sources that the worker asks too."""
        found = next(each for each in self._shell.ask("rates") if each["asset"] == casting.DIRECT)
        self._rates.append((datetime.now(UTC), Decimal(found["rate_usd"])))

    def _name_people(self) -> None:
        shell, voice, panel = self._shell, self._voice, self._stage.panel
        voice.act("Two people with keys of their own, and the merchant's panel with one that can approve nothing")
        keys = {name: shell.tell("users", "key", f"{name}.key")["public_key"] for name in ("alice", "bob")}
        (shell.folder / "people.toml").write_text(people_file(keys))
        voice.say(f"Their public halves stand in people.toml. Up to {ONE_APPROVES_USD} USD one approves, above it two:")
        shell.run("users")
        self._key = shell.tell("api-keys", "add", "panel", "--as", "alice")["key"]
        panel.trust(shell.tell("webhooks", "add", panel.url, "--as", "alice")["secret"])
        voice.say("Both secrets were shown once, and the panel keeps them. The API is served:")
        voice.command("payout console &")
        self._stage.console.serve(self._port)

    def _hand_in(self) -> None:
        shell, voice, file, cast = self._shell, self._voice, Path("refunds.csv"), self._cast
        voice.act("Refunds in")
        voice.say(
            f"The shop owes {len(cast.refunds)} refunds worth {cast.cents // 100}.{cast.cents % 100:02d} USD: "
            f"{tally.ways(cast.refunds)}. It exports {len(cast.by_file())} as a file. One address has a typing error:"
        )
        casting.write_csv(shell.folder / file, casting.with_a_slip(cast.by_file(), cast.mistyped))
        shell.run("refunds", "import", str(file), "--as", "carol", expect=2)
        voice.say("Nothing was written. The customer is asked again, the row corrected:")
        casting.write_csv(shell.folder / file, cast.by_file())
        shell.run("refunds", "import", str(file), "--as", "carol")
        voice.say("Importing a file twice is harmless, since each external_id names one refund for ever:")
        shell.run("refunds", "import", str(file), "--as", "carol")
        outward.post(self._stage.panel, voice, f"http://127.0.0.1:{self._port}/api/v1", self._key, cast.by_api())

    def _approve(self) -> None:
        voice, shell = self._voice, self._shell
        names = [owed.external_id for owed in self._cast.refunds]
        voice.act("Approvals: signatures over each refund, which the worker checks again before it pays")
        shell.run("refunds", "approve", "--key", "alice.key", *names, lines=12)
        left = [each["external_id"] for each in shell.ask("refunds", "list", "--status", "REQUESTED")]
        voice.say(f"{len(left)} of them are above {ONE_APPROVES_USD} USD, and take a second person:")
        shell.run("refunds", "approve", "--key", "bob.key", *left, lines=12)
        voice.say("One looks odd to an operator, who holds it:")
        shell.run("refunds", "hold", "--as", "bob", "--why", "ask the customer first", self._cast.odd.external_id)

    def _pay_until_killed(self) -> None:
        voice, daemon = self._voice, self._stage.daemon
        voice.act(f"Paying, with a block every {BLOCK_SECONDS:g} s, until the daemon is killed")
        self._mishaps.plan()
        voice.command("payout run &")
        self._stage.miner.start()
        self._stage.blocks.start()
        daemon.start()
        self._watch.until(self._in_the_middle, "the first transfers", patience_seconds=PAYING_SECONDS)
        voice.command(f"kill -9 {daemon.pid}")
        daemon.kill()
        queue = self._watch.look()
        voice.say(
            f"Killed in the middle: {queue.on_their_way(swapped=False)} refunds in XMR and the deposits for "
            f"{queue.on_their_way(swapped=True)} others are on their way. Nobody who looks only at an answer from the "
            "wallet could know now whether its last transfer left. The spend journal and the chain do."
        )

    def _in_the_middle(self, queue: Queue) -> bool:
        """A transfer and some deposits left, one is refused, and no processor is being asked for an order."""
        direct, swapped = queue.on_their_way(swapped=False), queue.on_their_way(swapped=True)
        refused = queue.of(self._cast.big.external_id)["status"] == "HELD"
        if direct < DIRECT_BEFORE_KILL or swapped < SWAPPED_BEFORE_KILL or not refused:
            return False
        orders = self._shell.ask("orders", "list")
        can_be_made = len(self._cast.through_processors()) - len((self._cast.odd, self._cast.big))
        # A lost answer is looked for during two minutes: longer than this demo should take.
        return len(orders) >= can_be_made and all(order["status"] != "ASKED" for order in orders)

    def _start_again(self) -> None:
        voice, daemon, shell, cast = self._voice, self._stage.daemon, self._shell, self._cast
        voice.act("The daemon is started again")
        big, odd = cast.big.external_id, cast.odd.external_id
        voice.say(
            f"Meanwhile {big}, {cast.big.usd} USD in BTC, is HELD, as it is too large for the processors' limits:"
        )
        voice.quote(self._watch.look().of(big)["hold_reason"])
        voice.say(
            f"A person raises [processors.{PROCESSOR_OF_BIG}] order_max_usd to {ORDER_MAX_LATER} in payout.toml. And "
            f"the price of XMR moves to {PRICE_LATER} USD."
        )
        raise_order_max(shell.folder / "payout.toml", PROCESSOR_OF_BIG, ORDER_MAX_LATER)
        self._stage.price_of_monero(PRICE_LATER)
        self._note_rate()
        voice.command("payout run &")
        daemon.start()
        voice.say(
            f"It may spend once the dead one's lease has run out, {LEASE_SECONDS} s here, and once journal, database, "
            f"wallet and chain tell one story. Meanwhile both held refunds are released. That of {odd} meets a bad "
            f"line: {PROCESSOR_OF_ODD} will make its order, and the answer will be lost."
        )
        self._mishaps.lose_answer_of(PROCESSOR_OF_ODD)
        shell.run("refunds", "release", "--as", "bob", big, odd)

    def _help_the_stopped(self) -> None:
        voice, shell, name = self._voice, self._shell, self._cast.stopped.external_id
        self._watch.until(lambda _: self._trouble_of(name) is not None, "an order is held", patience_seconds=60)
        voice.say(f"The processor of {name} has the deposit, and stopped the order for a check. That needs a person:")
        shell.run("orders", "show", name, lines=11)
        voice.say("Its support is written to, and shown the saved proof of the deposit; it lets the order go on:")
        self._mishaps.release()
        # The worker may be faster, and there is nothing left to look at.
        shell.run("orders", "recheck", name, expect=None)

    def _look_after_the_returned(self) -> None:
        voice, shell, name = self._voice, self._shell, self._cast.returned.external_id
        self._watch.until(lambda _: self._return_is_deep(), "a deposit came back", patience_seconds=60)
        words = f"The processor of {name} sent the deposit back, and that is deep in the chain now."
        orders = shell.ask("orders", "show", name)
        if isinstance(orders, list):
            voice.say(f"{words} The worker has seen it, and asked another processor for a new order.")
            return
        voice.say(
            f"{words} At its next look the worker will see it, and pay anew through another processor. An operator "
            "asks for that look now:"
        )
        # The worker may be faster, and there is nothing left to look at.
        shell.run("orders", "recheck", name, expect=None)

    def _return_is_deep(self) -> bool:
        daemon, txid = self._stage.network.daemon, self._mishaps.return_txid()
        entry = daemon.transaction(txid) if txid else None
        return entry is not None and not entry["in_pool"] and daemon.height() - entry["block_height"] > DEEP

    def _trouble_of(self, name: str) -> str | None:
        found = self._shell.ask("orders", "show", name)
        return found["trouble"] if isinstance(found, dict) else None

    def _pay_the_rest(self) -> None:
        voice, daemon, shell, cast = self._voice, self._stage.daemon, self._shell, self._cast
        everyone = len(cast.refunds)
        self._watch.until(lambda q: q.counts["PAID"] == everyone, "all are PAID", patience_seconds=FINAL_SECONDS)
        heard = len(cast.refunds)
        panel = self._stage.panel
        self._watch.until(lambda _: len(panel.paid) == heard, "the panel heard of all", patience_seconds=HEARD_SECONDS)
        voice.command(f"kill -TERM {daemon.pid}")
        seconds = daemon.stop()
        voice.output([f"(ended after {seconds:.1f} s)"])
        shell.run("transfers", "list", lines=20)
        shell.run("orders", "list", lines=24)
        voice.say(f"The history of {cast.odd.external_id}, which was held, and whose processor's answer was lost:")
        shell.run("refunds", "show", cast.odd.external_id, lines=60, since=HISTORY)
        voice.say(f"The history of {cast.returned.external_id}, whose first processor sent the deposit back:")
        shell.run("refunds", "show", cast.returned.external_id, lines=60, since=HISTORY)

    def _count(self) -> bool:
        network, shell, cast = self._stage.network, self._shell, self._cast
        self._voice.act("What each recipient received, by their own wallets and chains")
        self._stage.miner.stop()
        self._stage.blocks.stop()
        network.hot.refresh()
        accounts = read_accounts(network, self._stage.nodes, cast.refunds)
        transfers = [each for each in shell.ask("transfers", "list") if network.daemon.transaction(each["tx_id"])]
        result = tally.take(
            cast.refunds,
            shell.ask("refunds", "list"),
            transfers,
            swaps_of(shell.ask("orders", "list"), accounts, self._rates),
            accounts=accounts,
            spent=self._balance - network.hot.balance(),
        )
        receipt.show(result, self._voice)
        return not result.faults()
