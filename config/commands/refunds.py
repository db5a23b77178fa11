"""`payout refunds`: put refunds on record, see them, and decide about them."""

from __future__ import annotations

from shlex import quote

from config.call import BAD_INPUT, DONE, REFUSED, Call, exit_code
from config.commands import refunds_approve, refunds_decide, refunds_import, refunds_list
from config.parser import Commands
from payout.errors import BadInput
from payout.refund import RefundStatus

_ADD = """\
Put one refund on record.

It is paid in the asset, worth the USD at the rate of the moment when it is paid. The external id is
yours and names this refund for ever: adding it again with the same facts changes nothing.
"""
_ADD_EXAMPLES = """\
  payout refunds add --external-id E-1042 --usd 25.00 --asset XMR --destination 4...
  payout refunds add --external-id E-1043 --usd 12.50 --asset XMR --destination 8... \\
      --payment-tx P-77 --paid-usd 40.00 --reason "number never arrived"
"""


def add(commands: Commands) -> None:
    group = commands.group("refunds", about="Put refunds on record, see them, decide about them.")
    parser = group.add("add", run_add, about=_ADD, examples=_ADD_EXAMPLES)
    parser.add_argument("--external-id", metavar="ID", required=True, help="your own id")
    parser.add_argument("--usd", metavar="AMOUNT", required=True, help="what is owed, as 25.00")
    parser.add_argument("--asset", metavar="CODE", required=True, help="what it is paid in, as XMR")
    parser.add_argument("--destination", metavar="ADDRESS", required=True, help="where to")
    parser.add_argument("--network", help="where an asset exists on several")
    parser.add_argument("--memo", help="where the asset has one")
    parser.add_argument("--payment-tx", metavar="ID", help="the customer's payment")
    parser.add_argument("--paid-usd", metavar="AMOUNT", help="what that payment was worth")
    parser.add_argument("--amount-max", metavar="COINS", help="never send more coins than this")
    parser.add_argument("--reason", metavar="TEXT", help="why it is refunded")
    refunds_import.add(group)
    refunds_list.add(group)
    refunds_approve.add(group)
    refunds_decide.add(group)


def run_add(call: Call) -> int:
    """Add one refund, naming every problem with it."""
    from payout.approval import Act
    from payout.intake import Request

    call.allow(Act.ADD)
    given = call.args
    request = Request(
        external_id=given.external_id,
        usd=given.usd,
        asset=given.asset,
        destination=given.destination,
        network=given.network,
        memo=given.memo,
        payment_tx=given.payment_tx,
        paid_usd=given.paid_usd,
        amount_max=given.amount_max,
        reason=given.reason,
    )
    refund, problems = call.house.intake.read(request, call.who)
    if refund is None:
        for problem in problems:
            call.complain(problem)
        wrong = any(isinstance(problem, BadInput) for problem in problems)
        return BAD_INPUT if wrong else max((exit_code(p) for p in problems), default=REFUSED)
    taken = call.house.intake.add((refund,))[0]
    if call.json:
        line = refunds_list.line_of(call, taken.refund)
        call.print_json({**line, "new": taken.new})
        return DONE
    told = taken.refund
    if taken.new:
        owed = f"{told.owed} USD in {told.asset.code} ({told.asset.network})"
        call.screen.line(f"{told.external_id}: {owed} on record as {told.id}, {told.status}")
        if told.status is RefundStatus.REQUESTED:
            key = " --key FILE" if call.house.rules().keyed else ""
            call.screen.line(f"next: payout refunds approve {quote(told.external_id)}{key}")
    else:
        call.screen.line(f"{told.external_id}: already on record as {told.id}, {told.status}")
    return DONE
