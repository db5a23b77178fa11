"""The last look before bytes leave: what the journal and the seal say, and not what a row says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sealer import open_sealer
from payout.asset import USD
from payout.departure import check_unbegun, payload_of
from payout.errors import WalletUnsafe
from payout.footing import pairs_of
from payout.money import Money
from payout.spend_journal import Entry
from payout.transfer import Transfer
from payout.wallet import Wallet
from tests.payout.hands import Hands, payout
from tests.scenarios.world import World

SEALER = open_sealer(b"s" * 32)


@pytest.fixture
def paying() -> tuple[Wallet, Transfer]:
    """A wallet, and a transfer of it that was committed, journaled and sent."""
    world = World()
    world.approved("E1")
    Hands(world).pay()
    wallet = replace(world.wallet(), sealer=SEALER)
    transfer = payout(world)
    payload = replace(world.wallet().sealer.unseal(transfer.sealed), txid=transfer.id)
    return wallet, replace(transfer, sealed=SEALER.seal(payload))


def resealed(transfer: Transfer, **changes: str) -> str:
    """Its bytes, with other words about them."""
    return SEALER.seal(replace(SEALER.unseal(transfer.sealed), **changes))


def test_the_bytes_of_a_journaled_transfer_may_leave(paying: tuple[Wallet, Transfer]) -> None:
    wallet, transfer = paying
    assert payload_of(wallet, transfer).txid == transfer.id


def test_bytes_of_a_transfer_that_the_journal_calls_void_stay(paying: tuple[Wallet, Transfer]) -> None:
    wallet, transfer = paying
    wallet.journal.append(Entry.VOID, transfer.id, wallet.now(), {})
    with pytest.raises(WalletUnsafe, match="is VOID"):
        payload_of(wallet, transfer)


def test_bytes_of_a_transfer_that_the_journal_does_not_know_stay(paying: tuple[Wallet, Transfer]) -> None:
    wallet, transfer = paying
    with pytest.raises(WalletUnsafe, match="does not know it"):
        payload_of(wallet, replace(transfer, id="another"))


def test_bytes_that_were_sealed_for_another_transfer_stay(paying: tuple[Wallet, Transfer]) -> None:
    wallet, transfer = paying
    with pytest.raises(WalletUnsafe, match="are those of another"):
        payload_of(wallet, replace(transfer, sealed=resealed(transfer, txid="another")))


def test_bytes_that_were_sealed_before_seals_named_transfers_may_leave(paying: tuple[Wallet, Transfer]) -> None:
    wallet, transfer = paying
    older = replace(SEALER.unseal(transfer.sealed), txid="")
    assert payload_of(wallet, replace(transfer, sealed=SEALER.seal(older))) == older


def test_a_transfer_that_never_began_is_not_journaled_while_another_pays_its_refunds(
    paying: tuple[Wallet, Transfer],
) -> None:
    wallet, transfer = paying
    pairs = pairs_of(wallet, transfer)
    check_unbegun(wallet, transfer, pairs)
    another = replace(transfer, id="another", sealed=resealed(transfer, txid="another"))
    with pytest.raises(WalletUnsafe, match=f"says that {transfer.id} pays refund E1"):
        check_unbegun(wallet, another, pairs)


def test_a_transfer_that_never_began_and_is_not_as_it_was_committed_is_not_journaled(
    paying: tuple[Wallet, Transfer],
) -> None:
    wallet, transfer = paying
    pairs = pairs_of(wallet, transfer)
    attempt, refund = pairs[0]
    for edited in (
        (attempt, replace(refund, id="another")),
        (attempt, replace(refund, owed=Money(1, USD))),
        (replace(attempt, automatic=True), refund),
        (replace(attempt, destination="another"), refund),
    ):
        with pytest.raises(WalletUnsafe, match="not as it was committed"):
            check_unbegun(wallet, transfer, [edited])
    yesterday = transfer.committed_at - timedelta(days=1)
    for row in (replace(transfer, key_images=("another",)), replace(transfer, committed_at=yesterday)):
        with pytest.raises(WalletUnsafe, match="not as it was committed"):
            check_unbegun(wallet, row, pairs)


def test_a_transfer_that_never_began_and_pays_no_refund_on_record_is_not_journaled(
    paying: tuple[Wallet, Transfer],
) -> None:
    wallet, transfer = paying
    with pytest.raises(WalletUnsafe, match="planted"):
        check_unbegun(wallet, transfer, [])


def test_a_transfer_that_never_began_and_was_committed_before_the_upgrade_is_to_be_given_up(
    paying: tuple[Wallet, Transfer],
) -> None:
    wallet, transfer = paying
    older = replace(transfer, sealed=resealed(transfer, line=""))
    with pytest.raises(WalletUnsafe, match=f"payout transfers give-up {transfer.id}"):
        check_unbegun(wallet, older, pairs_of(wallet, transfer))
