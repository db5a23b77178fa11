"""What anybody may ask: whether this process is alive, and what the API is like."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from adapters.console.api.route import PREFIX, ApiRoute, public
from adapters.console.api.schemas.base import Closed

router = APIRouter(prefix=PREFIX, tags=["about"], route_class=ApiRoute)


class Health(Closed):
    """This process answers. It says nothing of the database, the wallet or the daemon."""

    status: str


@router.get("/health", response_model=Health, openapi_extra=public(), summary="Is this process alive")
async def health() -> Response:
    """Liveness only; `payout doctor` looks at everything."""
    return JSONResponse({"status": "ok"})


@router.get("/openapi.json", openapi_extra=public(), summary="This document", include_in_schema=False)
async def document(request: Request) -> Response:
    """OpenAPI 3.1, with examples."""
    return JSONResponse(request.app.openapi())
