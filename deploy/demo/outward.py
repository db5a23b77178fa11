"""What the panel does in the story: it hands refunds in over the API, and tells at the end what it heard."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.demo.cast import Owed
from deploy.demo.panel import REPLAYED, Panel
from deploy.demo.shell import DemoError
from deploy.demo.voice import Voice


def post(panel: Panel, voice: Voice, api: str, key: str, refunds: Sequence[Owed]) -> None:
    """
    Hand each in twice.

    Raises:
        DemoError: it was taken twice, or refused.
    """
    voice.say("The panel hands in the rest over the API, each twice, as after a lost answer:")
    voice.command(f"curl {api}/refunds -H 'Authorization: Bearer payout_...' -H 'Idempotency-Key: ...' -d ...")
    for owed in refunds:
        first, again = (panel.hand_in(api, key, owed) for _ in range(2))
        if again.headers.get(REPLAYED) != "true" or again.json() != first.json():
            raise DemoError(f"{owed.external_id} was taken twice by the API")
        told = f"{owed.external_id}: {first.status_code} {first.json()['status']}"
        voice.output([f"{told}; again: the same answer, {REPLAYED}: true"])


def tell_what_was_heard(panel: Panel, voice: Voice) -> None:
    """
    Messages by type.

    Raises:
        DemoError: one came whose signature does not fit.
    """
    voice.act("What the panel heard, and whether the history is whole")
    voice.say(
        f"{panel.types.total()} messages, the signature of each verified by the library of Standard Webhooks, and "
        f"among them that each of {len(panel.paid)} refunds is paid:"
    )
    if panel.refused:
        raise DemoError(f"{panel.refused} messages came with a signature that does not fit")
    voice.facts(*((kind, f"{count}") for kind, count in panel.types.most_common()))
