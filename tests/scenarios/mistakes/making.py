"""Mistakes that would make an order twice, of the wrong kind, or one that must never get a deposit."""

from __future__ import annotations

from tests.scenarios.mistakes.mistake import Mistake, Patch, mistake

ORDER_MAKING = "payout/swaps/making.py"
ORDER_KEEPING = "payout/swaps/keeping.py"
ECHO = "payout/swaps/echo.py"
WISH = "payout/swaps/wish.py"
BROKER_TESTS = "tests/payout/swaps/test_broker.py"
CHOICE_TESTS = "tests/payout/swaps/test_broker_choice.py"
LOST_TESTS = "tests/payout/swaps/test_broker_lost.py"
STOPS_TESTS = "tests/payout/swaps/test_broker_stops.py"
UNFUNDED_TESTS = "tests/payout/swaps/test_broker_unfunded.py"
ECHO_TESTS = "tests/payout/swaps/test_echo.py"
OFFER_TESTS = "tests/payout/swaps/test_offer.py"

_CREATE = "            said = market.ask(lambda: market.processors[name].create(order, offer))\n"

MISTAKES = (
    Mistake(
        name="order-made-before-it-is-on-record",
        patches=(
            Patch(file=ORDER_MAKING, old="            wallet.store.commit(change)\n", new="            del change\n"),
            Patch(
                file=ORDER_MAKING,
                old=_CREATE,
                new=_CREATE + "            quotes = (wish.quote, wish.coin_quote)\n"
                "            market.wallet.store.commit(Change(orders=(order,), quotes=quotes))\n",
            ),
        ),
        tests=(LOST_TESTS,),
    ),
    mistake(
        "order-asked-for-again-when-the-answer-is-lost",
        ORDER_MAKING,
        _CREATE,
        "            try:\n"
        "                said = market.ask(lambda: market.processors[name].create(order, offer))\n"
        "            except OrderUnknown:\n"
        "                said = market.ask(lambda: market.processors[name].create(order, offer))\n",
        LOST_TESTS,
    ),
    mistake(
        "next-processor-asked-while-an-answer-is-lost",
        ORDER_MAKING,
        "            self._lost(wish, order, str(error))\n            return True\n",
        '            market.drop(order, f"the answer was lost: {error}")\n            return False\n',
        LOST_TESTS,
    ),
    mistake(
        "found-order-of-another-destination-taken-for-ours",
        ORDER_KEEPING,
        "        and same_address(said.destination, order.destination)\n",
        "",
        LOST_TESTS,
    ),
    mistake(
        "found-order-of-another-amount-taken-for-ours",
        ORDER_KEEPING,
        "        and said.receive == order.receive\n",
        "",
        LOST_TESTS,
    ),
    mistake(
        "found-order-that-another-row-has-taken-for-ours",
        ORDER_KEEPING,
        " and not self._taken(order, said)]",
        "]",
        LOST_TESTS,
    ),
    mistake(
        "one-of-two-found-orders-adopted",
        ORDER_KEEPING,
        "        if len(matches) == 1 and self._adopt",
        "        if matches and self._adopt",
        LOST_TESTS,
    ),
    mistake(
        "echo-of-the-destination-not-checked",
        ECHO,
        "    if said.destination is None or not same_address(said.destination, order.destination):\n",
        "    if False:\n",
        ECHO_TESTS,
    ),
    mistake(
        "echo-of-the-memo-not-checked",
        ECHO,
        "    if (said.memo or None) != (order.memo or None):\n",
        "    if False:\n",
        ECHO_TESTS,
    ),
    mistake(
        "echo-of-what-the-customer-gets-not-checked",
        ECHO,
        "    if said.receive != order.receive:\n",
        "    if False:\n",
        ECHO_TESTS,
    ),
    mistake(
        "deposit-not-held-against-the-offer",
        ECHO,
        "    if deposit > offered:\n",
        "    if False:\n",
        ECHO_TESTS,
    ),
    mistake(
        "deposit-not-held-against-our-own-rates",
        ECHO,
        "    if deposit > limit:\n",
        "    if False:\n",
        ECHO_TESTS,
    ),
    mistake(
        "deposit-address-of-our-own-wallet-accepted",
        ECHO,
        "    elif coin.owns(address):\n",
        "    elif False:\n",
        ECHO_TESTS,
    ),
    mistake(
        "deposit-address-of-another-coin-accepted",
        ECHO,
        "    if address is None or not coin.valid(address):\n",
        "    if address is None:\n",
        ECHO_TESTS,
    ),
    mistake(
        "deposit-that-needs-a-memo-accepted",
        ECHO,
        "    if said.deposit_memo:\n",
        "    if False:\n",
        ECHO_TESTS,
    ),
    mistake(
        "silence-about-the-return-address-accepted",
        ECHO,
        "    if said.return_address != order.return_address:",
        "    if said.return_address not in {None, order.return_address}:",
        ECHO_TESTS,
    ),
    mistake(
        "echo-of-the-expiry-not-checked",
        ECHO,
        "            expiry_problem(order, said, rules, now),\n",
        "",
        ECHO_TESTS,
    ),
    mistake(
        "order-made-otherwise-than-asked-is-to-be-funded",
        "payout/swaps/market.py",
        "        if problems:\n            late",
        "        if False:\n            late",
        BROKER_TESTS,
    ),
    mistake(
        "offer-dearer-than-the-spread-accepted",
        ORDER_MAKING,
        "        if offer.deposit <= spend_limit(worth, rate, offer.deposit.asset, most):\n            return None\n",
        "        if most is not None:\n            return None\n",
        CHOICE_TESTS,
    ),
    mistake(
        "offer-of-another-amount-accepted",
        "payout/swaps/offer.py",
        "    if offer.receive != wanted:\n",
        "    if False:\n",
        OFFER_TESTS,
    ),
    mistake(
        "quote-of-an-order-not-kept",
        ORDER_MAKING,
        "            quotes=(wish.quote, wish.coin_quote),\n",
        "",
        BROKER_TESTS,
    ),
    mistake(
        "quote-that-ran-out-used",
        ORDER_MAKING,
        "        if old or not (wish.quote.is_fresh(now) and wish.coin_quote.is_fresh(now)):\n",
        "        if old:\n",
        STOPS_TESTS,
    ),
    mistake(
        "unlocked-balance-not-asked",
        WISH,
        "        if need.units <= left:\n",
        "        if need.units > 0:\n",
        STOPS_TESTS,
    ),
    mistake(
        "orders-that-wait-for-their-deposit-not-counted",
        WISH,
        "        unlocked - fee - sum((order.deposit or order.offered).units for order in waiting "
        "if order.wallet == wallet.name)\n",
        "        unlocked - fee\n",
        STOPS_TESTS,
    ),
    mistake(
        "order-of-an-amended-refund-kept",
        ORDER_KEEPING,
        "        unlike = mismatches(order, refund)\n",
        "        unlike = mismatches(order, refund) if order.revision == refund.revision else ()\n",
        UNFUNDED_TESTS,
    ),
    mistake(
        "processors-cap-of-an-order-not-asked",
        ORDER_MAKING,
        "        if refund.owed > rules.order_max:\n",
        "        if False:\n",
        CHOICE_TESTS,
    ),
    mistake(
        "processors-cap-of-the-day-not-asked",
        ORDER_MAKING,
        "        if used + refund.owed.units > rules.day_max.units:\n",
        "        if False:\n",
        CHOICE_TESTS,
    ),
    mistake(
        "processor-that-sent-a-deposit-back-tried-again",
        ORDER_MAKING,
        "        if name in wish.returned_by:\n",
        "        if False:\n",
        CHOICE_TESTS,
    ),
    mistake(
        "pause-while-quoting-not-a-condition",
        ORDER_MAKING,
        "            unless_paused=(*wallet.scopes, offer.processor),\n",
        "",
        STOPS_TESTS,
    ),
)
