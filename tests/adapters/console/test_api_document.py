"""The OpenAPI document says what the API does: a generator that knows nothing but the document finds no difference."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.console.api import ApiLimits, routes_of
from adapters.console.api.problems import CODES
from adapters.console.serve import server
from payout.refund_json import refund_json
from tests.adapters.console.counter import AUTOMATIC, Counter
from tests.adapters.console.served import served

EXAMPLES = 2
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
WAIT_SECONDS = 10
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def shop() -> Iterator[Counter]:
    """With one of everything on record, so that not every look finds nothing."""
    made = Counter(rules=AUTOMATIC, limits=ApiLimits(per_minute=10**6, strangers_per_minute=10**6))
    made("POST", "/webhook-endpoints", {"url": "https://shop.example/hook"})
    made.owe("R-1042")
    made.owe("E-2", usd="5.00")
    yield made
    made.close()


@pytest.fixture(scope="module")
def port(shop: Counter) -> Iterator[int]:
    with served(server(shop.caller.app)) as port:
        yield port


@pytest.fixture(scope="module")
def document(shop: Counter) -> Any:
    said = shop.caller("GET", "/api/v1/openapi.json")
    assert said.status == 200
    return said.json


def test_what_a_generator_makes_of_the_document_meets_only_what_the_document_says(
    shop: Counter, port: int, document: Any
) -> None:
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://127.0.0.1:{port}")
    session, headers = requests.Session(), {"Authorization": f"Bearer {shop.panel.text}"}
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        def play(case: schemathesis.Case[Any]) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(session=session, headers=headers, checks=CHECKS)

        for mode in schemathesis.GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)
            checked = settings(
                max_examples=EXAMPLES,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            with contextlib.suppress(Unsatisfiable):  # Nothing can be wrong with a request that says nothing.
                checked(given(strategy)(play))()

    assert tried > EXAMPLES * 2 * 10


def test_the_document_names_every_address_with_the_scope_that_it_takes(shop: Counter, document: Any) -> None:
    served = {
        (route.path, method.lower()): route.scope
        for route in routes_of(shop.caller.app)
        for method in route.methods or ()
    }
    del served["/api/v1/openapi.json", "get"]
    named = {
        (path, method): operation.get("x-required-scope")
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    assert named == served
    for methods in document["paths"].values():
        for operation in methods.values():
            assert (operation["security"] == []) == (operation.get("x-required-scope") is None)
            assert operation["summary"]
            assert operation["responses"]


def test_every_problem_that_the_document_shows_is_one_of_the_table_and_every_one_of_the_table_is_shown(
    document: Any,
) -> None:
    shown = {
        name: example["value"]
        for response in document["components"]["responses"].values()
        for name, example in response["content"]["application/problem+json"]["examples"].items()
    }

    assert set(CODES) - set(shown) == {"not_found", "method_not_allowed"}
    assert all(value["status"] == CODES[code].status for code, value in shown.items())


def test_the_document_and_the_refunds_that_are_given_have_the_same_names(shop: Counter, document: Any) -> None:
    given_names = set(refund_json(shop.store.list_refunds()[0]))

    assert set(document["components"]["schemas"]["RefundOut"]["properties"]) == given_names


def test_the_examples_of_the_document_are_taken(counter: Counter, document: Any) -> None:
    (example,) = document["components"]["schemas"]["RefundIn"]["examples"]

    assert counter("POST", "/refunds", example).status == 201


def test_the_document_holds_no_line_that_json_cannot_carry(document: Any) -> None:
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_table_of_errors_in_the_documents_is_the_one_that_is_served() -> None:
    rows = [f"| `{code}` | {kind.status} | {kind.title} | {kind.remedy} |" for code, kind in CODES.items()]
    printed = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").splitlines()

    assert [line for line in printed if line in rows] == rows
    assert sum(line.startswith("| `") and line.split("|")[2].strip().isdigit() for line in printed) == len(rows)


def test_the_table_of_routes_in_the_documents_names_each_with_its_scope(shop: Counter) -> None:
    printed = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for route in routes_of(shop.caller.app):
        for method in route.methods or ():
            scope = f"`{route.scope}`" if route.scope else "none"
            assert f"| `{method} {route.path}` | {scope} |" in printed
    assert printed.count("| `GET /") + printed.count("| `POST /") + printed.count("| `PUT /") + printed.count(
        "| `DELETE /"
    ) == len(routes_of(shop.caller.app))
