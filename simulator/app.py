"""Puts the simulator together: one FastAPI app with Zalo's addresses, the control API, the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from simulator.answers import ZaloResponse, error_body
from simulator.api import api_router
from simulator.citizens import CitizenActs
from simulator.clock import Clock
from simulator.control import citizens_router, control_router, unknown_citizen
from simulator.deliveries import Deliveries
from simulator.faults import FaultPlan
from simulator.oauth import oauth_router
from simulator.outbound import Outbound
from simulator.page import page_router
from simulator.sending import Refusal
from simulator.settings import Settings
from simulator.store import Store
from simulator.uploads import Uploads
from simulator.world import UnknownCitizen, World


def create_app(
    settings: Settings,
    *,
    http: httpx.AsyncClient | None = None,
    wall: Callable[[], float] | None = None,
    probes_at_start: bool = False,
) -> FastAPI:
    """The simulator. `http` posts the events (its owner closes it); `wall` gives seconds since
    1970 and stands still in tests. Use `lifespan` or `app.state.deliveries.close()` to stop."""
    store = Store(settings.state_dir / "simulator.db")
    clock_options = {} if wall is None else {"wall": wall}
    clock = Clock(speed=settings.speed, ahead_ms=store.read_kept("ahead_ms") or 0, **clock_options)
    world = World(settings, store, clock)
    # Idle connections are given up before the webhook's server would: a connection that it closes
    # at the moment of a POST would look like an outage.
    client = http or httpx.AsyncClient(
        trust_env=False, limits=httpx.Limits(max_connections=200, keepalive_expiry=1.0)
    )
    deliveries = Deliveries(world, client)
    uploads = Uploads(world)
    outbound = Outbound(world, uploads, deliveries)
    faults = FaultPlan()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        first_probe = None
        if probes_at_start and settings.webhook_url:
            first_probe = asyncio.create_task(deliveries.note_probe())
        yield
        if first_probe is not None:
            first_probe.cancel()
        await deliveries.close()
        if http is None:
            await client.aclose()
        world.keep_clock()
        store.close()

    app = FastAPI(title="Zalo simulator", lifespan=lifespan, docs_url=None, redoc_url=None,
                  openapi_url=None)  # fmt: skip
    app.state.world = world
    app.state.deliveries = deliveries
    app.state.store = store
    app.include_router(oauth_router(world, faults))
    app.include_router(api_router(world, outbound, uploads, faults))
    app.include_router(citizens_router(world, CitizenActs(world, deliveries), deliveries))
    app.include_router(control_router(world, deliveries, outbound, faults))
    app.include_router(page_router(world, uploads))
    app.add_exception_handler(UnknownCitizen, unknown_citizen)
    app.add_exception_handler(HTTPException, _wrong_address)
    app.add_exception_handler(RequestValidationError, _wrong_address)
    return app


async def _wrong_address(request: Request, exc: Exception) -> JSONResponse:
    """Zalo's body for an address it does not have; our own pages keep their plain errors."""
    if request.url.path.startswith(("/__fake", "/static")):
        status = exc.status_code if isinstance(exc, HTTPException) else 400
        detail = exc.detail if isinstance(exc, HTTPException) else "a parameter is invalid"
        return JSONResponse({"detail": detail}, status_code=status)
    return ZaloResponse(error_body(Refusal(404)), status_code=404)
