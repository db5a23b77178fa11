"""The last look before bytes leave: what the journal and the seal say, and not what a row says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.sealer import open_sealer
from payout.departure import check_unbegun, payload_of
from payout.errors import WalletUnsafe
from payout.footing import pairs_of
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
    other = replace(SEALER.unseal(transfer.sealed), txid="another")
    with pytest.raises(WalletUnsafe, match="are those of another"):
        payload_of(wallet, replace(transfer, sealed=SEALER.seal(other)))


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
    with pytest.raises(WalletUnsafe, match=f"says that {transfer.id} pays refund E1"):
        check_unbegun(wallet, replace(transfer, id="another"), pairs)


def test_a_transfer_that_never_began_and_pays_no_refund_on_record_is_not_journaled(
    paying: tuple[Wallet, Transfer],
) -> None:
    wallet, transfer = paying
    with pytest.raises(WalletUnsafe, match="planted"):
        check_unbegun(wallet, transfer, [])
