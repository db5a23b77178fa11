"""Mistakes in what is kept of orders: by the stores, by the spend journal, and by repair."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import Mistake, Patch, mistake
from tests.scenarios.mistakes.records import JOURNAL, MEMORY_CHECKS, in_memory, sqlite

ORDER_CHECKS = "adapters/memory/store/order_checks.py"
ORDERS = "adapters/database/store/orders.py"
CLAIMS = "adapters/database/store/order_claims.py"
MIGRATION = "adapters/database/migrations/versions/v0002_orders.py"
SHAPE = "tests/adapters/database/test_migrations.py::TestSqlite::test_every_index_and_column_is_as_the_tables_say"
RECREATION = "payout/recreation.py"
REPAIR = "tests/payout/test_repair_orders.py"
ONE_LIVE = "a_refund_has_one_live_order"
OLD_VERSION = "a_change_of_an_old_version_of_an_order_is_refused"
ADRIFT = "an_attempt_keeps_its_order_and_needs_it_on_record"

MISTAKES = (
    mistake(
        "memory-two-live-orders",
        ORDER_CHECKS,
        "order.refund_id if order.status in LIVE else None",
        "None",
        *in_memory(ONE_LIVE),
    ),
    mistake(
        "memory-order-versions-ignored",
        ORDER_CHECKS,
        "        if seen != (None if order.version == 0 else order.version - 1):\n",
        "        if False:\n",
        *in_memory(OLD_VERSION),
    ),
    mistake(
        "memory-attempt-of-no-order",
        MEMORY_CHECKS,
        "        if attempt.order_id not in tables.orders and attempt.order_id not in asked:\n",
        "        if False:\n",
        *in_memory(ADRIFT),
    ),
    mistake(
        "database-order-versions-ignored",
        ORDERS,
        "    if seen == made_from:\n        return\n",
        "    return\n",
        *sqlite(OLD_VERSION),
    ),
    Mistake(  # Two locks on one door: each alone would hide the loss of the other.
        name="database-two-orders-of-one-deposit-address",
        patches=(
            Patch(
                file=CLAIMS,
                old="lambda order: (order.deposit_address, None)",
                new="lambda order: (None, None)",
            ),
            Patch(
                file=MIGRATION,
                old='["deposit_address"], by_address, unique=True)',
                new='["deposit_address"], by_address)',
            ),
        ),
        tests=sqlite("no_two_orders_have_one_deposit_address"),
    ),
    mistake(
        "database-index-of-live-orders-not-unique",
        MIGRATION,
        '"orders", ["refund_id"], _LIVE, unique=True)',
        '"orders", ["refund_id"], _LIVE)',
        SHAPE,
    ),
    mistake(
        "database-return-address-given-out-twice",
        ORDERS,
        "    return_addresses.take(conn, [order.return_address for order in ordered])\n",
        "",
        *sqlite("a_return_address_is_free_until_an_order_has_it"),
    ),
    mistake(
        "database-write-takes-a-webhook-back",
        ORDERS,
        "    .values(poked_at=_LATER_POKE)\n)\n_POKE",
        ")\n_POKE",
        *sqlite("no_write_takes_a_wish_for_a_look_back"),
    ),
    mistake(
        "journal-line-without-its-order",
        "payout/journal_body.py",
        '        facts["order"] = order_body(order)\n',
        "",
        JOURNAL,
    ),
    mistake(
        "journal-return-frees-every-refund-of-the-funding",
        "payout/spend_journal.py",
        '        self._live.get(refund_id, set()).discard(line.body["transfer_id"])\n',
        '        for live in self._live.values():\n            live.discard(line.body["transfer_id"])\n',
        JOURNAL,
    ),
    mistake(
        "repaired-order-free-to-be-funded",
        RECREATION,
        "        orders=(*orders, *_crowded_out(wallet, orders)),\n",
        "",
        REPAIR,
    ),
    mistake(
        "repair-forgets-what-came-back",
        "payout/repair.py",
        "        for line in self._returns().values():\n",
        "        for line in ():\n",
        REPAIR,
    ),
)
