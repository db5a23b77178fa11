"""API keys, endpoints, replies and revisions: read back as written, and only over the version they were made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payout.api_key import Scope
from payout.change import Change
from payout.errors import KeyUsed, StaleWrite
from payout.ports import Store
from payout.webhooks.message import MessageType
from tests.contracts.store.races import DONE, WORKERS, commit_all
from tests.contracts.store.steps import add
from tests.factories import NOW, make_api_key, make_endpoint, make_event, make_refund, make_reply, make_revision

LATER = NOW + timedelta(hours=1)


class OutwardRows:
    def test_an_api_key_comes_back_with_all_that_it_may(self, store: Store) -> None:
        key = make_api_key(scopes=tuple(Scope), networks=("10.0.0.0/8", "2001:db8::/32"))
        older = make_api_key("older", made_at=NOW - timedelta(days=1), scopes=())

        store.commit(Change(api_keys=(key, older)))

        assert store.api_key(key.id) == key
        assert store.api_key("key_unknown") is None
        assert store.api_keys() == (older, key)

    def test_a_key_is_revoked_once(self, store: Store) -> None:
        key = make_api_key()
        store.commit(Change(api_keys=(key,)))
        revoked = replace(key, revoked_at=LATER, revoked_by="bob", version=1)

        store.commit(Change(api_keys=(revoked,)))

        assert store.api_key(key.id) == revoked
        for stale in (key, revoked, replace(revoked, version=3)):
            with pytest.raises(StaleWrite, match=key.id):
                store.commit(Change(api_keys=(stale,), events=(make_event(),)))
        assert store.events() == ()

    def test_an_endpoint_comes_back_and_is_stopped_once(self, store: Store) -> None:
        shop = make_endpoint(types=(MessageType.PAID, MessageType.WALLET_LOW))
        older = make_endpoint("older", made_at=NOW - timedelta(days=1))
        store.commit(Change(endpoints=(shop, older)))
        stopped = replace(shop, stopped_at=LATER, stopped_why="410", version=1)

        store.commit(Change(endpoints=(stopped,)))

        assert store.endpoints() == (older, stopped)
        for stale in (shop, stopped, make_endpoint("unknown", version=1)):
            with pytest.raises(StaleWrite, match=stale.id):
                store.commit(Change(endpoints=(stale,)))

    def test_one_of_several_changes_of_an_endpoint_is_kept(self, store: Store) -> None:
        shop = make_endpoint()
        store.commit(Change(endpoints=(shop,)))
        changes = [Change(endpoints=(replace(shop, url=f"https://{n}.example", version=1),)) for n in range(WORKERS)]

        assert commit_all(store, changes) == {DONE: 1, "StaleWrite": WORKERS - 1}

    def test_a_reply_is_given_again_as_it_was(self, store: Store) -> None:
        reply = make_reply(body='{"words":"Ünïcode 😀"}', status=409)

        store.commit(Change(replies=(reply,)))

        assert store.reply(reply.key) == reply
        assert store.reply("another") is None

    def test_a_key_is_replied_to_once_and_nothing_else_of_the_second_change_stays(self, store: Store) -> None:
        store.commit(Change(refunds=(make_refund(),), replies=(make_reply(),)))

        with pytest.raises(KeyUsed, match="K-1"):
            store.commit(Change(refunds=(make_refund("E-2"),), replies=(make_reply(status=500),)))

        assert store.refund("E-2") is None
        assert store.reply("K-1") == make_reply()

    def test_a_used_key_is_said_before_anything_that_is_wrong_with_the_second_change(self, store: Store) -> None:
        change = Change(refunds=(make_refund(),), replies=(make_reply(),))
        store.commit(change)

        with pytest.raises(KeyUsed):
            store.commit(change)

    def test_a_change_that_is_refused_uses_no_key(self, store: Store) -> None:
        with pytest.raises(StaleWrite):
            store.commit(Change(refunds=(make_refund().hold("why"),), replies=(make_reply(),)))

        assert store.reply("K-1") is None

    def test_one_of_several_requests_with_one_key_is_done(self, store: Store) -> None:
        changes = [Change(refunds=(make_refund(f"E-{n}"),), replies=(make_reply(),)) for n in range(WORKERS)]

        assert commit_all(store, changes) == {DONE: 1, "KeyUsed": WORKERS - 1}
        assert len(store.list_refunds()) == 1

    def test_what_amendments_replaced_stays_oldest_first(self, store: Store) -> None:
        refund, other = make_refund(), make_refund("E-2")
        first, second = make_revision(refund, 1, memo="17"), make_revision(refund, 2)
        add(store, other)
        store.commit(Change(refunds=(refund,), revisions=(first,)))

        store.commit(Change(revisions=(second, make_revision(other))))

        assert store.revisions(refund.id) == (first, second)
        assert store.revisions(other.id) == (make_revision(other),)
        assert store.revisions("nobody") == ()

    def test_a_revision_is_of_a_refund_on_record_and_written_once(self, store: Store) -> None:
        refund = make_refund()
        with pytest.raises(StaleWrite):
            store.commit(Change(revisions=(make_revision(refund),)))
        store.commit(Change(refunds=(refund,), revisions=(make_revision(refund),)))

        with pytest.raises(StaleWrite):
            store.commit(Change(revisions=(make_revision(refund, destination="elsewhere"),)))

        assert store.revisions(refund.id) == (make_revision(refund),)
