"""Mistakes in what is told of a change: the audit chain, the outbox, and the replies to requests."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import mistake
from tests.scenarios.mistakes.records import COMMIT, in_memory, sqlite

AUDIT = "adapters/database/store/audit.py"
DELIVERIES = "adapters/database/store/deliveries.py"
OUTBOX = "payout/webhooks/outbox.py"
PLANS = "tests/adapters/database/test_plans.py"
TAMPERING = "tests/adapters/database/test_tampering.py"

MISTAKES = (
    # ------------------------------------------------------------ the audit chain
    mistake(
        "link-does-not-follow-the-one-before",
        AUDIT,
        "        mac = key.link(mac, number, event)\n",
        "        mac = key.link(before.mac, number, event)\n",
        *sqlite("every_event_is_a_link_of_the_chain_in_the_order_written"),
    ),
    mistake(
        "memory-link-does-not-follow-the-one-before",
        "adapters/memory/store/history.py",
        "mac=key.link(end.mac, end.number + 1, event)",
        "mac=key.link(key.first(0), end.number + 1, event)",
        *in_memory("every_event_is_a_link_of_the_chain_in_the_order_written"),
    ),
    mistake(
        "link-says-the-time-in-the-zone-it-was-told-in",
        "payout/audit/chain.py",
        '        "at": event.at.astimezone(UTC).isoformat(',
        '        "at": event.at.isoformat(',
        *sqlite("a_link_holds_whatever_its_event_says_and_wherever_its_time_was_told"),
    ),
    mistake(
        "numbers-of-the-chain-not-unique",
        "adapters/database/migrations/versions/v0003_trust.py",
        '    _index("events_number", "events", ["number"], "number IS NOT NULL", unique=True)\n',
        '    _index("events_number", "events", ["number"], "number IS NOT NULL")\n',
        TAMPERING,
    ),
    mistake(
        "end-of-the-chain-locked-before-the-rest",
        COMMIT,
        "    records.write(conn, change)\n    if change.events:\n        _tell(conn, change, key)\n",
        "    if change.events:\n        _tell(conn, change, key)\n    records.write(conn, change)\n",
        f"{PLANS}::test_the_end_of_the_chain_is_locked_last_and_only_the_history_follows",
    ),
    # ------------------------------------------------------------ replies
    mistake(
        "used-key-ignored",
        "adapters/database/store/outward.py",
        "        if not added(conn, replies, row):\n",
        "        if added(conn, replies, row) is None:\n",
        *sqlite("a_key_is_replied_to_once_and_nothing_else_of_the_second_change_stays"),
    ),
    mistake(
        "memory-used-key-ignored",
        "adapters/memory/store/checks.py",
        "    _replies(tables, change)\n",
        "",
        *in_memory("a_key_is_replied_to_once_and_nothing_else_of_the_second_change_stays"),
    ),
    # ------------------------------------------------------------ the outbox
    mistake(
        "stopped-endpoint-told",
        OUTBOX,
        "if each.stopped_at is None and (not each.types or kind in each.types))",
        "if not each.types or kind in each.types)",
        *in_memory("a_change_tells_each_endpoint_that_wants_it"),
    ),
    mistake(
        "delivery-forgotten-while-it-is-owed",
        DELIVERIES,
        'sa.select(endpoints.c.id).where(endpoints.c.stopped_at < sa.bindparam("before"))',
        'sa.select(endpoints.c.id).where(endpoints.c.made_at < sa.bindparam("before"))',
        *sqlite("what_ended_long_ago_is_forgotten_a_few_at_a_time_with_its_message"),
    ),
    mistake(
        "memory-delivery-forgotten-while-it-is-owed",
        "adapters/memory/store/outward.py",
        "            ends = self._t.endpoints[delivery.endpoint_id].stopped_at\n",
        "            ends = delivery.next_at\n",
        *in_memory("what_ended_long_ago_is_forgotten_a_few_at_a_time_with_its_message"),
    ),
    mistake(
        "claim-not-held",
        DELIVERIES,
        '        conn.execute(_CLAIM, {"among": piece, "until": until})\n',
        '        conn.execute(_CLAIM, {"among": piece, "until": at})\n',
        *sqlite("what_is_due_is_given_with_all_that_it_needs_and_held_for_so_long"),
    ),
    mistake(
        "refund-told-out-of-order",
        DELIVERIES,
        "        ~_WAITS_ITS_TURN,\n",
        "",
        *sqlite("of_one_refund_only_the_oldest_is_given"),
    ),
    mistake(
        "ended-delivery-reported-again",
        DELIVERIES,
        '    .where(deliveries.c.id == sa.bindparam("of"), PENDING)\n',
        '    .where(deliveries.c.id == sa.bindparam("of"))\n',
        *sqlite("what_came_of_a_try_is_kept_and_an_ended_one_is_not_reported_again"),
    ),
    mistake(
        "younger-delivery-looked-at-while-the-first-is-put-off",
        DELIVERIES,
        "    if changed and delivery.status is DeliveryStatus.PENDING and delivery.refund_id is not None:\n",
        "    if False:\n",
        *sqlite("what_waits_behind_a_delivery_that_is_put_off_waits_as_long"),
    ),
    # ------------------------------------------------------------ pauses that end
    mistake(
        "pause-that-ended-still-stops",
        "adapters/database/store/records.py",
        "    return tuple(pause for pause in found if pause.in_force(at))\n",
        "    return found\n",
        *sqlite("a_pause_stops_until_its_end_by_the_databases_clock"),
    ),
    mistake(
        "pause-ends-before-its-time",
        "payout/change.py",
        "        return self.until is None or now < self.until\n",
        "        return self.until is None\n",
        *sqlite("a_pause_stops_until_its_end_by_the_databases_clock"),
    ),
)
