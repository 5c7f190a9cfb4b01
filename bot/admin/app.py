"""The officers' site: puts pages, guards and headers together. `python -m bot admin` serves it.

No page loads anything from outside, and none needs JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.admin import guides, home, people, unanswered
from bot.admin.auth import (
    PASSWORD_PAGE,
    NotAllowed,
    NotSignedIn,
    PasswordDue,
    find_session,
    is_foreign,
    prepare_hash_of_nobody,
)
from bot.admin.site import FOLDER, StatsReader, make_site, render_page
from bot.checks import Problem
from bot.guides import GuideSet
from bot.offices import Office
from bot.settings import Settings
from bot.store import Store

_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": with it browsers send the form's Origin as "null".
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_MAX_BODY_BYTES = 64 * 1024


class Gate:
    """Refuses forms from other sites and bodies too large; puts the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                # Style sheet and icon are asked for again by their tag; pages are never kept.
                is_static = scope["path"].startswith("/static/")
                headers["cache-control"] = "no-cache" if is_static else "no-store"
            await send(message)

        headers = Headers(scope=scope)
        refusal: Response | None = None
        if is_foreign(scope["method"], headers):
            refusal = PlainTextResponse("Yêu cầu đến từ trang khác nên bị từ chối.", 403)
        elif _is_too_large(headers):
            refusal = PlainTextResponse("Nội dung gửi lên quá lớn.", 413)
        await (refusal or self._app)(scope, receive, send_guarded)


def _is_too_large(headers: Headers) -> bool:
    # Our forms always carry a length; without one a body could be endless.
    if "transfer-encoding" in headers:
        return True
    length = headers.get("content-length", "0")
    return not length.isdecimal() or int(length) > _MAX_BODY_BYTES


def create_app(
    settings: Settings,
    store: Store,
    content: Callable[[], GuideSet],
    *,
    offices: Callable[[], Sequence[Office]] = tuple,
    problems: Callable[[], Sequence[Problem]] = tuple,
    stats: StatsReader | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """The site as an ASGI application.

    The callables are asked on every page, so that an edit shows at once; they run in threads,
    except `stats`, which is awaited.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.site = make_site(
        settings=settings,
        store=store,
        content=content,
        offices=offices,
        problems=problems,
        stats=stats,
        clock=clock,
    )
    prepare_hash_of_nobody()
    for pages in (home, guides, unanswered, people):
        app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.add_middleware(Gate)
    _add_error_pages(app)

    @app.get("/healthz")
    def healthz() -> PlainTextResponse:
        """Says that the process answers and reaches its database."""
        store.has_person()
        return PlainTextResponse("ok")

    return app


def _error(request: Request, status_code: int, title: str, advice: str) -> Response:
    return render_page(request, "error.html", status_code=status_code, title=title, advice=advice)


def _add_error_pages(app: FastAPI) -> None:
    @app.exception_handler(NotSignedIn)
    def to_login(request: Request, exc: NotSignedIn) -> Response:
        query = f"?{urlencode({'tiep': exc.path})}" if exc.path != "/" else ""
        return RedirectResponse(f"/dang-nhap{query}", 303)

    @app.exception_handler(PasswordDue)
    def to_password(request: Request, exc: PasswordDue) -> Response:
        return RedirectResponse(PASSWORD_PAGE, 303)

    @app.exception_handler(NotAllowed)
    def not_allowed(request: Request, exc: NotAllowed) -> Response:
        request.state.session = find_session(request)
        return _error(
            request, 403, "Trang này dành cho người quản trị",
            "Cần xem hoặc làm việc này, hãy nhờ người quản trị của xã.",
        )  # fmt: skip

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, exc: RequestValidationError) -> Response:
        return _error(
            request, 400, "Địa chỉ hoặc biểu mẫu chưa đúng", "Hãy quay lại và thử lần nữa."
        )

    @app.exception_handler(HTTPException)
    def not_found(request: Request, exc: HTTPException) -> Response:
        request.state.session = find_session(request)
        if exc.status_code == 404:
            title, advice = "Không có trang này", "Trang đã đổi tên, hoặc địa chỉ gõ nhầm."
        else:
            title, advice = "Không làm được việc này", "Hãy quay lại trang trước."
        return _error(request, exc.status_code, title, advice)

    @app.exception_handler(Exception)
    def broken(request: Request, exc: Exception) -> Response:
        # Answered outside of Gate; says nothing of the error, which the server's log has.
        return PlainTextResponse(
            "Trang này đang lỗi. Hãy thử lại sau ít phút; nếu vẫn lỗi, báo người quản trị.",
            500,
            headers={**_HEADERS, "cache-control": "no-store"},
        )
