"""What holds for every page: who may see it, its headers, its markup, its errors."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bot.accounts import Role
from bot.admin import guides, home, people, unanswered
from bot.admin.app import create_app
from bot.guides import GuideSet
from bot.settings import read_settings
from bot.store import Store
from tests.admin.officers_site import (
    Clock,
    add_person,
    browser,
    log_in,
)

PUBLIC = {"/dang-nhap", "/khoi-tao", "/healthz"}


def all_routes() -> list[tuple[str, str]]:
    """Every page of the site as (method, address), parameters filled in."""
    found = []
    for pages in (home, guides, unanswered, people):
        for route in pages.router.routes:
            assert isinstance(route, APIRoute)
            path = re.sub(r"\{\w+\}", "mat-khau", route.path)
            found += [(method, path) for method in sorted(route.methods or ())]
    return found


def test_walk_covers_every_module_that_is_put_on_the_site(app: FastAPI) -> None:
    routers = [r.original_router for r in app.routes if hasattr(r, "original_router")]
    assert routers == [m.router for m in (home, guides, unanswered, people)]
    others = {getattr(r, "path", "") for r in app.routes if not hasattr(r, "original_router")}
    assert others == {"/static", "/healthz"}
    assert len(all_routes()) >= 14


@pytest.mark.parametrize(("method", "path"), all_routes())
async def test_page_is_closed_to_everybody_who_is_not_logged_in(
    visitor: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await visitor.request(method, path)
    if path in PUBLIC:
        assert answer.status_code in (200, 401, 410)
        return
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/dang-nhap")


@pytest.mark.parametrize(
    ("method", "path"), [r for r in all_routes() if r[1].startswith("/can-bo")]
)
async def test_accounts_are_closed_to_officers_who_are_not_admins(
    officer: httpx.AsyncClient, method: str, path: str
) -> None:
    assert (await officer.request(method, path)).status_code == 403


@pytest.mark.parametrize("path", ["/khong-co", "/huong-dan/khong_co", "/cau-hoi?trang=x"])
async def test_wrong_address_gets_a_page_in_vietnamese(
    officer: httpx.AsyncClient, path: str
) -> None:
    answer = await officer.get(path)
    assert answer.status_code in (400, 404)
    assert "Về trang chủ" in answer.text


PAGES = [
    "/",
    "/huong-dan",
    "/huong-dan/vneid_cai_dat",
    "/cau-hoi",
    "/can-sua",
    "/doi-mat-khau",
    "/can-bo",
    "/dang-nhap",
    "/khoi-tao",
    "/khong-co",
    "/static/style.css",
    "/healthz",
]


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_carries_the_security_headers(
    admin: httpx.AsyncClient, path: str
) -> None:
    answer = await admin.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    expected = "no-cache" if path.startswith("/static") else "no-store"
    assert answer.headers["cache-control"] == expected


@pytest.mark.parametrize("path", [p for p in PAGES if not p.startswith(("/static", "/healthz"))])
async def test_page_obeys_its_own_policy(admin: httpx.AsyncClient, path: str) -> None:
    text = (await admin.get(path, follow_redirects=True)).text
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text)
    assert not re.search(r"(?:src|href|action)=\"(?!/|#)", text)
    assert '<html lang="vi">' in text and "Xã Mẫu" in text
    for field in re.findall(r"<(?:input|select)(?![^>]*(?:hidden))[^>]*>", text):
        [id] = re.findall(r'\sid="([^"]+)"', field)
        assert f'<label for="{id}">' in text


async def test_broken_page_tells_nothing_and_keeps_the_headers(store: Store, clock: Clock) -> None:
    def broken() -> GuideSet:
        raise ZeroDivisionError("secret detail")

    add_person(store, "canbo", Role.OFFICER)
    app = create_app(read_settings({}), store, broken, clock=clock)
    async with browser(app) as client:
        await log_in(client, "canbo")
        answer = await client.get("/huong-dan")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text and "Trang này đang lỗi" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_health_needs_no_login(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
