"""Those who are told: that endpoints take their messages, and that alarms reach somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.doctor.check import Check, fail, ok, warn
from config.wiring import House
from payout.errors import ForgedEndpoint
from payout.webhooks.endpoints import running
from payout.webhooks.message import DeliveryStatus

if TYPE_CHECKING:
    from payout.webhooks.message import Endpoint


def examine(house: House) -> Iterator[Check]:
    """Nothing is sent: `payout webhooks test` and `payout alarms test` do that."""
    for endpoint in running(house.store.endpoints()):
        yield _endpoint(house, endpoint)
    count = len(house.settings.alarms.urls)
    if count:
        yield ok("alarms", f"told by {count} services, and in the log; try them: payout alarms test")
    else:
        yield ok("alarms", "told in the log only; [alarms] urls_file names mail and chat services")


def _endpoint(house: House, endpoint: Endpoint) -> Check:
    what = f"webhooks {endpoint.id}"
    try:
        house.webhooks.keyring.open(endpoint)
    except ForgedEndpoint as error:
        return fail(what, str(error), f"payout webhooks stop {endpoint.id} --why '...'")
    newest = next(iter(house.store.list_deliveries(endpoint_id=endpoint.id, limit=1)), None)
    if newest is None:
        return ok(what, "was told nothing yet")
    delivery = newest.delivery
    if delivery.status is DeliveryStatus.DELIVERED:
        return ok(what, "took the newest message")
    if delivery.tries == 0:
        return ok(what, "the newest message is about to be sent")
    remedy = (
        f"see `payout webhooks deliveries --endpoint {endpoint.id}`, and try it: payout webhooks test {endpoint.id}"
    )
    return warn(what, f"did not take the newest message: {delivery.said}", remedy)
