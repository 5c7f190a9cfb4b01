"""The chat page: one HTML file, one style sheet, one script, nothing from outside this machine."""

from __future__ import annotations

import html
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, Response

from simulator.sending import Refusal
from simulator.uploads import Uploads
from simulator.world import World

_STATIC = Path(__file__).parent / "static"
_FILES = {
    "chat.css": "text/css; charset=utf-8",
    "chat.js": "text/javascript; charset=utf-8",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def page_router(world: World, uploads: Uploads) -> APIRouter:
    """The page, its two files, what the OA uploaded, and the health address."""
    router = APIRouter()

    @router.get("/")
    async def page() -> HTMLResponse:
        template = (_STATIC / "chat.html").read_text(encoding="utf-8")
        name = html.escape(world.settings.oa_name)
        return HTMLResponse(template.replace("{{ oa_name }}", name), headers=_HEADERS)

    @router.get("/static/{name}")
    async def static_file(name: str) -> Response:
        if name not in _FILES:
            raise HTTPException(404, "no such file")
        content = (_STATIC / name).read_bytes()
        return Response(content, headers={**_HEADERS, "Content-Type": _FILES[name]})

    @router.get("/__fake/uploads/{upload_id}")
    async def uploaded(upload_id: str) -> Response:
        try:
            upload = uploads.find(upload_id)
        except Refusal as exc:
            raise HTTPException(404, "no such upload") from exc
        return Response(upload.content, headers={**_HEADERS, "Content-Type": upload.media_type})

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    return router
