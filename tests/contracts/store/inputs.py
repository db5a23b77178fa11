"""Key images: an input is spent by one transfer that is not VOID, save for giving up."""

from __future__ import annotations

import pytest

from payout.change import Change
from payout.errors import KeyImageTaken
from payout.ports import Store
from payout.transfer import Transfer, TransferKind, TransferStatus
from tests.contracts.store.steps import begin, void
from tests.factories import NOW, digest, make_give_up, make_transfer

SHARED = digest("shared input")


class Inputs:
    def test_an_input_of_a_living_transfer_cannot_be_spent_again(self, store: Store) -> None:
        first = make_transfer("T-1", key_images=(digest("a"), SHARED))
        second = make_transfer("T-2", key_images=(SHARED, digest("b")))
        store.commit(Change(transfers=(first,)))

        with pytest.raises(KeyImageTaken, match=first.id):
            store.commit(Change(transfers=(second,)))

        assert store.transfer(second.id) is None
        assert store.spending([SHARED]) == (first,)

    def test_a_final_transfer_keeps_its_inputs(self, store: Store) -> None:
        first = begin(store, _stored(store, make_transfer("T-1", key_images=(SHARED,))))
        store.commit(Change(transfers=(first.to(TransferStatus.FINAL, final_at=NOW),)))

        with pytest.raises(KeyImageTaken):
            store.commit(Change(transfers=(make_transfer("T-2", key_images=(SHARED,)),)))

    def test_a_void_transfer_lets_go_of_its_inputs(self, store: Store) -> None:
        first = _stored(store, make_transfer("T-1", key_images=(SHARED,)))
        second = make_transfer("T-2", key_images=(SHARED,))

        ended = void(store, first)
        store.commit(Change(transfers=(second,)))

        assert store.spending([SHARED]) == tuple(sorted((ended, second), key=lambda t: t.id))

    def test_a_transfer_may_take_the_inputs_of_one_that_the_same_change_voids(self, store: Store) -> None:
        first = _stored(store, make_transfer("T-1", key_images=(SHARED,)))
        second = make_transfer("T-2", key_images=(SHARED,))

        store.commit(Change(transfers=(second, first.to(TransferStatus.VOID))))

        assert store.transfer(second.id) == second

    def test_two_new_transfers_of_one_change_cannot_share_an_input(self, store: Store) -> None:
        pair = tuple(make_transfer(name, key_images=(SHARED,)) for name in ("T-1", "T-2"))

        with pytest.raises(KeyImageTaken):
            store.commit(Change(transfers=pair))

        assert store.list_transfers() == ()

    def test_a_transfer_put_on_record_as_void_claims_nothing(self, store: Store) -> None:
        first = _stored(store, make_transfer("T-1", key_images=(SHARED,)))
        dead = make_transfer("T-2", key_images=(SHARED,), status=TransferStatus.VOID)

        store.commit(Change(transfers=(dead,)))

        assert set(store.spending([SHARED])) == {first, dead}

    def test_a_give_up_may_spend_the_first_input_of_what_it_replaces(self, store: Store) -> None:
        stuck = begin(store, _stored(store, make_transfer("T-1")))
        give_up = make_give_up(stuck)

        store.commit(Change(transfers=(give_up,)))

        assert store.transfer(give_up.id) == give_up
        assert set(store.spending(stuck.key_images)) == {stuck, give_up}

    def test_a_give_up_that_spends_another_input_is_refused(self, store: Store) -> None:
        stuck = begin(store, _stored(store, make_transfer("T-1")))

        for images in (stuck.key_images[1:], (digest("elsewhere"),)):
            with pytest.raises(KeyImageTaken, match="first"):
                store.commit(Change(transfers=(make_give_up(stuck, key_images=images),)))

    def test_a_give_up_of_nothing_on_record_is_refused(self, store: Store) -> None:
        with pytest.raises(KeyImageTaken):
            store.commit(Change(transfers=(make_give_up(make_transfer("T-1")),)))

    def test_a_give_up_may_not_touch_the_inputs_of_a_third_transfer(self, store: Store) -> None:
        stuck = begin(store, _stored(store, make_transfer("T-1")))
        third = _stored(store, make_transfer("T-3"))
        both = (stuck.key_images[0], third.key_images[0])

        with pytest.raises(KeyImageTaken, match=third.id):
            store.commit(Change(transfers=(make_give_up(stuck, key_images=both),)))

    def test_a_transfer_is_given_up_by_one_other_at_a_time(self, store: Store) -> None:
        stuck = begin(store, _stored(store, make_transfer("T-1")))
        first = _stored(store, make_give_up(stuck, "G-1"))

        with pytest.raises(KeyImageTaken, match=first.id):
            store.commit(Change(transfers=(make_give_up(stuck, "G-2"),)))

        void(store, first)
        store.commit(Change(transfers=(make_give_up(stuck, "G-2"),)))
        assert len(store.spending(stuck.key_images[:1])) == 3

    def test_a_payout_that_says_that_it_replaces_another_gains_nothing(self, store: Store) -> None:
        stuck = _stored(store, make_transfer("T-1"))

        with pytest.raises(KeyImageTaken):
            store.commit(Change(transfers=(make_give_up(stuck, kind=TransferKind.PAYOUT),)))

    def test_the_inputs_of_a_give_up_stay_its_own_when_the_other_is_void(self, store: Store) -> None:
        stuck = begin(store, _stored(store, make_transfer("T-1")))
        give_up = _stored(store, make_give_up(stuck))
        void(store, stuck)

        with pytest.raises(KeyImageTaken, match=give_up.id):
            store.commit(Change(transfers=(make_transfer("T-2", key_images=stuck.key_images),)))
        store.commit(Change(transfers=(make_transfer("T-3", key_images=stuck.key_images[1:]),)))


def _stored(store: Store, transfer: Transfer) -> Transfer:
    store.commit(Change(transfers=(transfer,)))
    return transfer
