"""The public guide pages: files that the worker writes under VAR_DIR/pages, served read-only."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ADDRESS = "/huong-dan"
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "max-age=300",
}


class _GuidePages(StaticFiles):
    """Static files that may not be there yet: the worker has not necessarily started."""

    async def check_config(self) -> None:
        """Nothing: a missing folder is a page that is not found, not a failure."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file with the headers of every public page."""
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response


def add_guide_pages(app: FastAPI, var_dir: Path) -> None:
    """Serve `/huong-dan/<office>/…` from the pages folder."""
    app.mount(ADDRESS, _GuidePages(directory=var_dir / "pages", html=True, check_dir=False))
