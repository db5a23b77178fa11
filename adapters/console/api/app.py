"""The application: routes, and how every error becomes a problem."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from adapters.console.api import pauses, public, quotes, refunds, webhooks
from adapters.console.api.auth import Gate
from adapters.console.api.parts import ApiParts
from adapters.console.api.problems import MEDIA_TYPE, Problem, problem_of
from adapters.console.api.route import SECURITY, ApiRoute
from adapters.console.api.schemas.problem import ProblemOut
from adapters.console.api.shell import Shell, instance_of
from adapters.console.api.words import field_errors
from payout import __version__
from payout.errors import PayoutError

NOT_ALLOWED: Final = 405
_DESCRIPTION: Final = """\
Hand refunds in, look at them, and be told what becomes of them.

A key is sent as `Authorization: Bearer payout_...`. No key can approve a refund: people do. Money is text in plain
digits, times are ISO 8601 in UTC. A POST may have the header `Idempotency-Key`: the same key with the same request gets
the same answer, for ever, and what it did is done once. Every error is one JSON object with a stable `code`.
"""


def api_app(parts: ApiParts, now: Callable[[], float] = time.monotonic) -> FastAPI:
    """Serves `/api/v1`. `now` is seconds that never go back."""
    app = FastAPI(
        title="payout",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.parts = parts
    app.state.gate = Gate(parts, now)
    app.add_middleware(Shell)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(PayoutError, _on_payout_error)
    for each in (refunds, quotes, webhooks, pauses, public):
        # As they are, rather than included: then the application's own list is the list of all routes.
        app.router.routes.extend(each.router.routes)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def routes_of(app: FastAPI) -> list[ApiRoute]:
    """Every address that is served."""
    return [route for route in app.routes if isinstance(route, ApiRoute)]


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        shapes = made.setdefault("components", {})
        shapes["securitySchemes"] = {SECURITY: {"type": "http", "scheme": "bearer"}}
        problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        shapes["schemas"] |= {**problem.pop("$defs", {}), ProblemOut.__name__: problem}
        shapes["responses"] = _share_problems(made["paths"])
        app.openapi_schema = made
    return app.openapi_schema


def _share_problems(paths: dict[str, Any]) -> dict[str, Any]:
    """Puts each error that several addresses give into one place; returns that place."""
    shared: dict[str, Any] = {}
    for path in paths.values():
        for operation in path.values():
            for status, said in operation["responses"].items():
                if MEDIA_TYPE in said.get("content", {}):
                    name = "-".join((status, *said["content"][MEDIA_TYPE]["examples"]))
                    shared[name] = said
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return shared


async def _on_http(request: Request, error: Exception) -> Response:
    """Problems of ours, and what the framework itself refuses."""
    if isinstance(error, Problem):
        return error.response(instance_of(request.scope))
    status = error.status_code if isinstance(error, HTTPException) else 0
    headers = dict(getattr(error, "headers", None) or {})
    if status == NOT_ALLOWED:
        headers["allow"] = ", ".join(_methods(request)) or headers.get("allow", "")
        return Problem("method_not_allowed", headers=headers).response(instance_of(request.scope))
    return Problem("not_found", headers=headers).response(instance_of(request.scope))


def _methods(request: Request) -> list[str]:
    """All that this address takes, by every route that it fits."""
    path = request.scope["path"]
    fitting = [route.methods or set() for route in routes_of(request.app) if route.path_regex.match(path)]
    return sorted(set().union(*fitting))


async def _on_invalid(request: Request, error: Exception) -> Response:
    """Every field that is wrong."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    route = request.scope.get("route")
    problem = Problem("invalid", errors=field_errors(found, _names(route)))
    return problem.response(instance_of(request.scope))


async def _on_payout_error(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, PayoutError) else PayoutError()
    return problem_of(known).response(instance_of(request.scope))


def _names(route: Any) -> list[str]:
    """What a route takes."""
    dependant = getattr(route, "dependant", None)
    fields = [*dependant.body_params, *dependant.query_params] if dependant else []
    models = [getattr(field.field_info, "annotation", None) for field in fields]
    return [name for model in models for name in getattr(model, "model_fields", {})]
