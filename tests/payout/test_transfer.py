"""The states of a transfer, and what a sighting leaves on its row."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from payout.errors import IllegalTransition
from payout.transfer import Output, Payload, Place, Sighting, TransferStatus
from tests.factories import NOW, make_transfer

S = TransferStatus
ALLOWED = {S.OPEN: {S.OPEN, S.FINAL, S.VOID}, S.FINAL: {S.FINAL, S.OPEN}, S.VOID: {S.VOID}}


@pytest.mark.parametrize(("start", "end"), list(itertools.product(S, S)))
def test_only_the_declared_edges_can_be_taken(start: S, end: S) -> None:
    transfer = make_transfer(status=start)

    if end in ALLOWED[start]:
        assert transfer.to(end).status is end
    else:
        with pytest.raises(IllegalTransition):
            transfer.to(end)


def test_a_void_transfer_stays_void() -> None:
    assert ALLOWED[S.VOID] == {S.VOID}
    with pytest.raises(IllegalTransition):
        make_transfer(status=S.VOID).to(S.OPEN)


def test_a_sighting_is_a_fact_and_never_moves_the_status() -> None:
    mined = Sighting(place=Place.MINED, height=100, block_hash="aa", depth=50, tip=150)

    seen = make_transfer().see(mined, NOW)

    assert seen.status is S.OPEN
    assert (seen.height, seen.block_hash, seen.depth) == (100, "aa", 50)


def test_refusals_are_forgotten_as_soon_as_the_transfer_is_seen_anywhere() -> None:
    refused = make_transfer(refused_at=(90, 95))

    assert refused.see(Sighting(), NOW).refused_at == (90, 95)
    assert refused.see(Sighting(place=Place.POOL), NOW).refused_at == ()


def test_the_time_in_the_pool_counts_from_its_first_sighting_there() -> None:
    later = NOW + timedelta(hours=1)
    in_pool = make_transfer().see(Sighting(place=Place.POOL), NOW).see(Sighting(place=Place.POOL), later)

    assert in_pool.pool_since == NOW
    assert in_pool.see(Sighting(), later).pool_since is None


def test_what_it_pays_leaves_out_our_own_outputs() -> None:
    outputs = (Output(address="theirs", units=5), Output(address="ours", units=7, own=True))

    assert make_transfer(outputs=outputs).units == 5


def test_the_secret_half_never_shows_itself() -> None:
    payload = Payload(metadata="m3tadata", blob="bl0b", tx_key="k3y")

    assert not any(secret in repr(payload) for secret in ("m3tadata", "bl0b", "k3y"))
    assert "sealed payload" not in repr(make_transfer())
