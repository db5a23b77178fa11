"""
`payout refunds import`: many refunds from a CSV, all or none of them.

Every bad row is named, with its line, its column and what to do, before anything is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from config.call import BAD_INPUT, DONE, Call, exit_code
from config.parser import Commands
from payout.errors import BadInput, LimitReached, PayoutError
from payout.money import Money

if TYPE_CHECKING:
    from payout.intake import Intake, Taken
    from payout.refund import Refund

NEEDED: Final = ("external_id", "usd", "asset", "destination")
ALLOWED: Final = ("network", "memo", "payment_tx", "paid_usd", "amount_max", "reason")
CHUNK: Final = 500
SHOWN_MAX: Final = 1000
"""Problems that are printed one by one; a file with more is wrong in one way."""

_ABOUT = f"""\
Put many refunds on record from a CSV file in UTF-8, all or none.

The header is {",".join(NEEDED)}
and may also have {",".join(ALLOWED)}.
Rows that are on record already, with the same facts, change nothing: importing a file twice is safe.
"""
_EXAMPLES = """\
  payout refunds import refunds.csv
  payout refunds import refunds.csv --partial      take the good rows, name the others
"""


def add(group: Commands) -> None:
    parser = group.add("import", run, about=_ABOUT, examples=_EXAMPLES)
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.add_argument("--partial", action="store_true", help="take the good rows even if others are bad")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A row that reads well."""

    line: int
    refund: Refund


@dataclass(slots=True)
class Findings:
    """What is wrong, by line."""

    found: list[tuple[int, PayoutError]] = field(default_factory=list)

    def add(self, line: int, problem: PayoutError) -> None:
        self.found.append((line, problem))

    @property
    def lines(self) -> frozenset[int]:
        return frozenset(line for line, _ in self.found)

    @property
    def code(self) -> int:
        """Bad input where anything is, else what a rule refused."""
        codes = {exit_code(problem) for _, problem in self.found}
        return BAD_INPUT if BAD_INPUT in codes else max(codes, default=DONE)


def run(call: Call) -> int:
    """Read, check every row, write all or none, and say what was new."""
    from adapters.csv_rows import read_csv
    from payout.approval import Act
    from payout.intake import Request

    call.allow(Act.ADD)
    file: Path = call.args.file
    sheet = read_csv(file, needed=NEEDED, allowed=ALLOWED)
    findings = Findings()
    for fault in sheet.faults:
        findings.add(fault.line, fault.problem)
    candidates: list[Candidate] = []
    intake, who = call.house.intake, call.who
    with call.screen.progress("checking", sheet.rows) as rows:
        for row in rows:
            refund, problems = intake.read(Request(**row.cells), who)
            for problem in problems:
                findings.add(row.line, _named(problem))
            if refund is not None:
                candidates.append(Candidate(line=row.line, refund=refund))
    _check_twins(candidates, findings)
    _check_known(intake, candidates, findings)
    _check_payments(candidates, findings)
    bad = findings.lines
    good = [each for each in candidates if each.line not in bad]
    taken: list[Taken] = []
    if call.args.partial or not findings.found:
        taken = _write(call, good, findings)
    _report(call, file, findings)
    return _sum_up(call, taken, findings)


def _named(problem: PayoutError) -> PayoutError:
    """A problem that says which column it is about; only limits on the amount do not."""
    return LimitReached(f"usd: {problem}") if isinstance(problem, LimitReached) else problem


def _check_twins(candidates: Sequence[Candidate], findings: Findings) -> None:
    """One external id given twice must say the same twice."""
    first: dict[str, Candidate] = {}
    for each in candidates:
        twin = first.setdefault(each.refund.id, each)
        if twin.refund.facts != each.refund.facts:
            problem = f"{each.refund.external_id} stands on line {twin.line} with other facts"
            remedy = "give each refund an id of its own"
            findings.add(each.line, BadInput("external_id", problem, remedy))


def _check_known(intake: Intake, candidates: Sequence[Candidate], findings: Findings) -> None:
    """What is on record must be on record with the same facts: intake says so, and writes nothing."""
    ids = tuple(dict.fromkeys(each.refund.id for each in candidates))
    known = {refund.id: refund.facts for refund in intake.store.refunds(ids)}
    told = findings.lines
    for each in candidates:
        differs = known.get(each.refund.id, each.refund.facts) != each.refund.facts
        if differs and each.line not in told:
            try:
                intake.add((each.refund,))
            except BadInput as error:
                findings.add(each.line, error)


def _check_payments(candidates: Sequence[Candidate], findings: Findings) -> None:
    """Rows of one payment agree on what it was worth, and fit into it by themselves already."""
    worth: dict[str, tuple[int, Money]] = {}
    asked: dict[str, dict[str, Candidate]] = {}
    for each in candidates:
        payment, paid = each.refund.payment_tx, each.refund.paid
        if payment is None:
            continue
        asked.setdefault(payment, {})[each.refund.id] = each
        line, said = worth.setdefault(payment, (each.line, paid)) if paid else (0, None)
        if said and said != paid:
            problem = f"{paid} is not what line {line} says {payment} was worth: {said}"
            findings.add(each.line, BadInput("paid_usd", problem, "correct one of them"))
    for payment, (_, paid) in worth.items():
        sum_cents = 0
        for each in asked[payment].values():
            sum_cents += each.refund.owed.units
            if sum_cents > paid.units:
                total = Money(sum_cents, paid.asset)
                words = f"payment {payment} was worth {paid} USD, and the rows up to here ask {total}"
                findings.add(each.line, LimitReached(f"usd: {words}; refund less"))


def _write(call: Call, good: Sequence[Candidate], findings: Findings) -> list[Taken]:
    """All in one transaction; or, with --partial, each row that the rules let pass."""
    intake = call.house.intake
    if not call.args.partial:
        try:
            return list(intake.add([each.refund for each in good]))
        except (BadInput, LimitReached) as error:
            findings.add(_line_of(error, good), error)
            return []
    taken: list[Taken] = []
    chunks = [good[start : start + CHUNK] for start in range(0, len(good), CHUNK)]
    with call.screen.progress("writing", chunks) as parts:
        for chunk in parts:
            try:
                taken += intake.add([each.refund for each in chunk])
            except (BadInput, LimitReached):
                taken += _one_by_one(intake, chunk, findings)
    return taken


def _one_by_one(intake: Intake, chunk: Sequence[Candidate], findings: Findings) -> list[Taken]:
    taken: list[Taken] = []
    for each in chunk:
        try:
            taken += intake.add((each.refund,))
        except (BadInput, LimitReached) as error:
            findings.add(each.line, error)
    return taken


def _line_of(error: PayoutError, good: Sequence[Candidate]) -> int:
    """The last row of the payment that an error speaks of; 0 where it names none of them."""
    words = str(error)
    lines = [
        each.line
        for each in good
        if (each.refund.payment_tx and each.refund.payment_tx in words) or each.refund.external_id in words
    ]
    return max(lines, default=0)


def _report(call: Call, file: Path, findings: Findings) -> None:
    ordered = sorted(findings.found, key=lambda each: each[0])
    for line, problem in ordered[:SHOWN_MAX]:
        where = f"{file.name}:{line}" if line else file.name
        call.screen.complain(f"{where}: {problem}")
    if len(ordered) > SHOWN_MAX:
        call.screen.complain(f"{file.name}: and {len(ordered) - SHOWN_MAX} more problems like these")


def _sum_up(call: Call, taken: Sequence[Taken], findings: Findings) -> int:
    ids = {each.refund.id: each.new for each in taken}
    new = sum(ids.values())
    bad = len(findings.lines)
    if call.json:
        problems = [{"line": line, "problem": str(each)} for line, each in findings.found]
        call.print_json({"new": new, "known": len(ids) - new, "problems": problems})
        return findings.code
    if not bad:
        call.screen.line(f"{new} new, {len(ids) - new} known")
    elif call.args.partial:
        call.screen.line(f"{new} new, {len(ids) - new} known, {bad} bad")
    else:
        words = "1 line is" if bad == 1 else f"{bad} lines are"
        call.screen.complain(f"{words} bad: nothing was imported; --partial takes the others")
    return findings.code
