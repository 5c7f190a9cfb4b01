"""The webhook's small pages: home with Zalo's domain verification, health, counters."""

from __future__ import annotations

import asyncio
import html

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.settings import Settings
from webhook.counters import Counters
from webhook.intake import Intake

_LOOPBACK = {"127.0.0.1", "::1"}
_LOOPBACK_HOSTS = {"127.0.0.1", "[::1]", "localhost"}
_FORWARDED = {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"}

_HOME = """<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{verification}<title>Trợ lý hướng dẫn thủ tục</title>
</head>
<body>
<h1>Trợ lý hướng dẫn thủ tục</h1>
<p>Đây là địa chỉ nhận tin của trợ lý trên Zalo. Bà con nhắn tin ngay trong ứng dụng Zalo,
không cần làm gì ở trang này.</p>
</body>
</html>
"""


def add_pages(
    app: FastAPI, settings: Settings, redis: Redis, intake: Intake, counters: Counters
) -> None:
    """Add the GET routes: /, the verifier file, /healthz, /readyz, /counters."""
    home = _render_home(settings.zalo_site_verification)

    @app.get("/")
    async def show_home() -> Response:
        return HTMLResponse(home, headers={"content-security-policy": "default-src 'none'"})

    if verifier := settings.zalo_verifier_file.strip("/"):
        verifier_page = HTMLResponse(settings.zalo_verifier_content or verifier)

        async def show_verifier() -> Response:
            return verifier_page

        app.add_api_route(f"/{verifier}", show_verifier)

    @app.get("/healthz")
    async def show_health() -> Response:
        return PlainTextResponse("ok")

    @app.get("/readyz")
    async def show_readiness() -> Response:
        missing = [] if await _answers(redis) else ["redis"]
        return JSONResponse(
            {
                "ready": not missing,
                "missing": missing,
                "warnings": _find_warnings(settings, intake),
            },
            status_code=503 if missing else 200,
        )

    @app.get("/counters")
    async def show_counters(request: Request) -> Response:
        if not _is_from_this_machine(request):
            return PlainTextResponse("not found", status_code=404)
        return JSONResponse(counters.totals)


def _render_home(verification: str) -> str:
    meta = ""
    if verification:
        content = html.escape(verification, quote=True)
        meta = f'<meta name="zalo-platform-site-verification" content="{content}">\n'
    return _HOME.format(verification=meta)


async def _answers(redis: Redis) -> bool:
    try:
        async with asyncio.timeout(1.0):
            await redis.ping()
    except (RedisError, OSError):
        return False
    return True


def _find_warnings(settings: Settings, intake: Intake) -> list[str]:
    """What is wrong although events can be taken; names of settings, never their values."""
    warnings = [
        f"{variable} is not set: every event is dropped"
        for variable, value in (
            ("ZALO_APP_ID", settings.zalo_app_id),
            ("ZALO_OA_SECRET", settings.zalo_oa_secret),
        )
        if not value
    ]
    if settings.zalo_oa_secret and settings.zalo_oa_secret == settings.zalo_app_secret:
        warnings.append("ZALO_OA_SECRET is the App Secret: it must be the OA Secret Key")
    if intake.is_spilling:
        warnings.append("events wait in the spill file")
    return warnings


def _is_from_this_machine(request: Request) -> bool:
    """True for a direct local request; a proxy on this machine is local, its clients are not."""
    return (
        request.client is not None
        and request.client.host in _LOOPBACK
        and request.url.netloc.rsplit(":", 1)[0] in _LOOPBACK_HOSTS
        and not _FORWARDED & set(request.headers)
    )
