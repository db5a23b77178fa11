"""What the pages say in tables, examples and links is what the code says."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from adapters.console.api import ApiLimits, routes_of
from adapters.console.api.problems import CODES, FieldError, Problem
from adapters.console.api.reading import BODY_SECONDS
from adapters.console.api.shell import REQUESTS_MAX
from adapters.console.connection import CONNECTIONS_MAX, Connection
from payout.api_key import Scope
from payout.approval.acts import ANYBODY, ROLES
from payout.approval.rules import Caps
from payout.audit.chain import AuditKey, AuditLine
from payout.audit.verdict import FaultKind
from payout.refund import RefundLine, RefundStatus
from payout.webhooks.message import MessageType
from payout.webhooks.outbox import messages
from payout.webhooks.schedule import BACKOFF, JITTER_PERCENT, PERSISTENCE
from tests.adapters.console.counter import Counter
from tests.docs.pages import DOCS, blocks, table, text_of
from tests.factories import make_event, make_refund

PAGES = sorted(path.name for path in DOCS.glob("*.md"))
KEY = AuditKey(b"a key for the audit trail's MACs")


def words_of(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    size, name = next(pair for pair in ((3600, "hour"), (60, "minute"), (1, "second")) if seconds % pair[0] == 0)
    return f"{seconds // size} {name}{'s' if seconds > size else ''}"


def shape(value: Any) -> Any:
    """What names an example has, whatever it says."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return None


def example(page: str, having: str) -> Any:
    return next(json.loads(block.text) for block in blocks(page) if block.kind == "json" and having in block.text)


def message_of(kind: str, **facts: Any) -> Any:
    """The body that is really sent of such an event."""
    refund = RefundLine(refund=make_refund())
    event = make_event(kind=kind, **facts)
    line = AuditLine(event=event, number=1, mac="ab" * 32)
    about = event.refund_id
    (message,) = messages(line, (about,), {} if about is None else {about: refund}, KEY)
    return json.loads(message.body)


def test_every_error_code_stands_in_the_api_page_with_its_status_meaning_and_remedy() -> None:
    rows = [tuple(row) for row in table("api.md", "code")]

    assert rows == [(code, str(kind.status), kind.title, kind.remedy) for code, kind in CODES.items()]


def test_every_route_stands_in_the_api_page_with_its_scope() -> None:
    counter = Counter()
    served = {
        (f"{method} {route.path}", str(route.scope or "none"))
        for route in routes_of(counter.caller.app)
        for method in route.methods or ()
    }
    counter.close()

    assert {(row[0], row[1].strip("`")) for row in table("api.md", "route")} == served
    assert {scope for _, scope in served} == {*map(str, Scope), "none"}


def test_every_status_of_a_refund_stands_in_the_api_page() -> None:
    assert [row[0] for row in table("api.md", "status")] == [str(status) for status in RefundStatus]


def test_the_limits_of_the_api_page_are_the_defaults() -> None:
    limits = ApiLimits()
    rows = [row[1] for row in table("api.md", "what")]

    assert rows == [
        f"{limits.per_minute} a minute",
        f"{limits.changes_per_day:,} a day",
        f"{limits.strangers_per_minute} a minute",
        f"{limits.body_bytes_max:,}",
        str(REQUESTS_MAX),
        f"{CONNECTIONS_MAX}; one more ends the one that has said nothing for longest",
        f"{Connection.head_seconds} s, {BODY_SECONDS} s, {Connection.exchange_seconds} s",
    ]


def test_the_example_of_a_problem_has_the_names_that_problems_have() -> None:
    error = FieldError(field="destination", problem="has 12 characters", remedy="copy it again")

    assert shape(example("api.md", "urn:payout:problem")) == shape(
        Problem("invalid", errors=[error]).body("urn:uuid:1")
    )


def test_every_type_of_message_stands_in_the_webhooks_page() -> None:
    assert [row[0] for row in table("webhooks.md", "type")] == [str(kind) for kind in MessageType]


def test_the_examples_of_messages_have_the_names_that_messages_have() -> None:
    of_refund = message_of("refund.held", refund_id=make_refund().id)
    of_wallet = message_of("wallet.paused", wallet="hot")

    assert shape(example("webhooks.md", '"refund.held"')) == shape(of_refund)
    assert shape(example("webhooks.md", '"wallet.paused"')) == shape(of_wallet)


def test_the_retries_of_the_webhooks_page_are_those_of_the_schedule() -> None:
    rows = table("webhooks.md", "try")

    assert rows[0] == ["1", "at once"]
    assert [row[1] for row in rows[1:]] == [words_of(pause) for pause in BACKOFF]
    text = text_of("webhooks.md")
    assert f"up to {JITTER_PERCENT} % shorter or longer" in text
    assert timedelta(days=3) == PERSISTENCE
    assert "Three days after" in text


def test_every_act_stands_in_the_approvals_page_with_the_roles_that_it_takes() -> None:
    said = {row[0]: row[1] for row in table("approvals.md", "to ...")}

    assert said == {
        str(act): "any, or none" if act in ANYBODY else " or ".join(sorted(roles)) for act, roles in ROLES.items()
    }


def test_every_cap_stands_in_the_approvals_page() -> None:
    assert {row[0] for row in table("approvals.md", "in `[caps]`")} == {f"{name}_usd" for name in Caps.__slots__}


def test_every_kind_of_fault_stands_in_the_audit_page() -> None:
    assert [row[0] for row in table("audit.md", "kind")] == [str(kind) for kind in FaultKind]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", text_of(page))

    assert [link for link in links if not (DOCS / link).exists()] == []


def test_every_page_stands_in_the_index() -> None:
    assert {page for page in PAGES if f"({page})" not in text_of("README.md")} == {"README.md"}
