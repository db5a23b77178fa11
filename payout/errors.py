"""
Every error of the project, sorted by what the caller must do about it.

    PayoutError
    ├── BadInput             what was given is wrong; nothing was tried (exit 2)
    │   └── DuplicateRefund  this external_id is on record with other facts
    ├── RefusedByRule        understood, and refused: limit, pause, policy, state (exit 3)
    │   ├── IllegalTransition
    │   ├── LimitReached     a cap on refund, payment or day
    │   ├── NotApproved      a signature is missing, expired or for another revision
    │   │   ├── OutdatedApproval  it was approved under other rules than those in force now
    │   │   └── ForgedApproval  a signature or seal does not match the row: somebody wrote to the database
    │   ├── NotAllowed       this person or key has not the role for it
    │   ├── ForgedEndpoint   an endpoint's row does not fit its seal: nothing may be sent there
    │   ├── Overtaken        somebody else acted on it first; the message says who, when and what changed
    │   └── Paused
    ├── StoreError
    │   ├── StoreUnavailable the database did not answer; nothing was written
    │   ├── CommitUnknown    it may have been written: read again, never repeat blindly
    │   ├── StaleWrite       someone moved the row first; drop it and read again
    │   ├── LeaseLost        another worker has the wallet now
    │   ├── KeyImageTaken    a transfer that is not VOID spends the same input
    │   ├── OrderTaken       another live order, or one with the same address or id
    │   ├── KeyUsed          a reply to this Idempotency-Key is on record already
    │   └── DatabaseBehind   the spend journal knows a transfer that the database lacks
    ├── RailError
    │   ├── RailUnavailable  nothing left this machine; try again later
    │   ├── TransferRefused  this content can never be prepared (bad address, no room)
    │   ├── FundsShort       not enough unlocked money; time or a deposit mends it
    │   ├── SentTooEarly     the wallet broadcast what it was told to hold back
    │   ├── OrderRefused     a processor said no: nothing was made
    │   │   └── AmountOutOfRange  too little or too much for it
    │   ├── OrderUnknown     the answer to a creating call was lost: it may have been made
    │   ├── OrderMissing     a processor does not know the order
    │   ├── ProcessorDenied  our key or our place is refused: a person must act
    │   └── ProcessorGarbled an answer that its protocol does not have
    ├── RateError
    │   ├── RateUnavailable  too few fresh samples
    │   ├── RatesDisagree    the sources, or the past hour, contradict the price
    │   └── SourceFailed     one source did not answer usefully
    ├── WalletUnsafe         a guard failed: the wallet is paused until a person acted
    ├── JournalBroken        the spend journal cannot be read or appended to
    └── SettingsError        at start only; lists every problem

A message names the thing and its id, and says what to do next.
"""

from __future__ import annotations


class PayoutError(Exception):
    """The root: everything that this project raises on purpose."""


class BadInput(PayoutError):
    """What was given is wrong; nothing was tried."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field}: {problem}; {remedy}")
        self.field = field
        self.problem = problem
        self.remedy = remedy


class DuplicateRefund(BadInput):
    """This external_id is on record with other facts."""


class RefusedByRule(PayoutError):
    """The request was understood and a rule forbids it."""


class IllegalTransition(RefusedByRule):
    """A status may not follow the present one."""


class LimitReached(RefusedByRule):
    """A cap on a refund, a payment or a day would be passed."""


class NotApproved(RefusedByRule):
    """The signatures over the manifest do not allow this payout."""


class OutdatedApproval(NotApproved):
    """It was approved under other tiers, caps or cooling-off than those in force: it is to be approved again."""


class ForgedApproval(NotApproved):
    """A signature or seal does not match the row: somebody who can write to the database was there."""


class NotAllowed(RefusedByRule):
    """This person or key has not the role for it."""


class ForgedEndpoint(RefusedByRule):
    """An endpoint's row does not fit its seal: nothing may be sent there."""


class Overtaken(RefusedByRule):
    """Somebody else acted on it first. `differences`: field, what the caller saw, what stands there now."""

    def __init__(self, words: str, differences: tuple[tuple[str, str | None, str | None], ...] = ()) -> None:
        super().__init__(words)
        self.differences = differences


class Paused(RefusedByRule):
    """A pause is in force for this wallet or for all."""


class StoreError(PayoutError):
    """The database refused or lost a write."""


class StoreUnavailable(StoreError):
    """The database did not answer; nothing was written."""


class CommitUnknown(StoreError):
    """The answer to a COMMIT was lost: it may have been written."""


class StaleWrite(StoreError):
    """Someone moved the row first; drop the change and read again."""


class LeaseLost(StoreError):
    """Another worker holds the wallet now; drop the change."""


class KeyImageTaken(StoreError):
    """A transfer that is not VOID already spends this input; discard the prepared one."""


class OrderTaken(StoreError):
    """The refund has another live order, or another order has this address, processor's id or arrival."""


class KeyUsed(StoreError):
    """A reply to this Idempotency-Key is on record already: read it, and give it again."""


class DatabaseBehind(StoreError):
    """The spend journal's last transfer is not in the database (a restored backup?)."""


class RailError(PayoutError):
    """A wallet, its daemon or a processor did not do what was asked."""


class RailUnavailable(RailError):
    """Nothing was done; try again later."""


class TransferRefused(RailError):
    """This content can never be prepared."""


class FundsShort(RailError):
    """Not enough unlocked money for what was asked."""


class SentTooEarly(RailError):
    """The wallet broadcast what it was told to hold back; `prepared` is out."""

    def __init__(self, prepared: object) -> None:
        super().__init__("the wallet broadcast a transfer that it was told to hold back")
        self.prepared = prepared


class OrderRefused(RailError):
    """A processor said no: nothing was made."""


class AmountOutOfRange(OrderRefused):
    """Too little or too much for a processor; its bounds where it names them, as amounts in words."""

    def __init__(self, problem: str, least: str | None = None, most: str | None = None) -> None:
        super().__init__(problem)
        self.least = least
        self.most = most


class OrderUnknown(RailError):
    """The answer to a creating call was lost: the order may have been made. It is never sent again."""


class OrderMissing(RailError):
    """A processor does not know the order, or not any more. No evidence of anything."""


class ProcessorDenied(RailError):
    """A processor refuses our key, or the place that we call from: only a person can mend it."""


class ProcessorGarbled(RailError):
    """A processor gave an answer that its protocol does not have."""


class RateError(PayoutError):
    """No price can be vouched for."""


class RateUnavailable(RateError):
    """Too few fresh samples."""


class RatesDisagree(RateError):
    """The sources contradict each other, or the past hour."""


class SourceFailed(RateError):
    """One rate source did not answer usefully."""


class WalletUnsafe(PayoutError):
    """A guard failed. `why` says what was seen, `remedy` the next safe action."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why}; {remedy}")
        self.why = why
        self.remedy = remedy


class JournalBroken(PayoutError):
    """The spend journal cannot be read or appended to."""


class SettingsError(PayoutError):
    """The configuration is wrong. `problems` lists every one, by name."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
