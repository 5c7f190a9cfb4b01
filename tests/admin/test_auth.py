"""Login, sessions, limits, and forms of other sites."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.accounts import Role
from bot.store import Store
from tests.admin.officers_site import (
    PASSWORD,
    START,
    Clock,
    add_person,
    browser,
    log_in,
)


async def test_login_leads_to_the_page_that_was_asked_for(app: FastAPI, store: Store) -> None:
    add_person(store, "canbo", Role.OFFICER)
    async with browser(app) as client:
        to_login = await client.get("/cau-hoi?loai=clarify")
        form = await client.get(to_login.headers["location"])
        goal = re.search(r'name="tiep" value="([^"]+)"', form.text)
        assert goal and goal[1] == "/cau-hoi?loai=clarify"
        data = {"login": " CanBo ", "password": PASSWORD, "tiep": goal[1]}
        answer = await client.post("/dang-nhap", data=data)
        assert (answer.status_code, answer.headers["location"]) == (303, "/cau-hoi?loai=clarify")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/dang-nhap")).headers["location"] == "/"
        assert (await client.post("/dang-xuat")).headers["location"] == "/dang-nhap"
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
async def test_login_never_leads_to_another_site(app: FastAPI, store: Store, goal: str) -> None:
    add_person(store, "canbo", Role.OFFICER)
    async with browser(app) as client:
        data = {"login": "canbo", "password": PASSWORD, "tiep": goal}
        assert (await client.post("/dang-nhap", data=data)).headers["location"] == "/"


async def test_cookie_is_for_https_only_when_the_page_came_by_https(
    app: FastAPI, store: Store
) -> None:
    add_person(store, "canbo", Role.OFFICER)
    async with browser(app, base="https://xa.example") as client:
        assert "Secure" in (await log_in(client, "canbo")).headers["set-cookie"]


async def test_cookie_is_not_what_the_database_holds(
    officer: httpx.AsyncClient, tmp_path: Path
) -> None:
    answer = await log_in(officer, "canbo")
    token = answer.cookies["phien"]
    assert len(token) >= 43
    files = list(tmp_path.glob("bot.db*"))
    assert files and not any(token.encode() in file.read_bytes() for file in files)


async def test_cookie_of_a_session_that_ended_is_worth_nothing(
    officer: httpx.AsyncClient, app: FastAPI
) -> None:
    token = officer.cookies["phien"]
    await officer.post("/dang-xuat")
    async with browser(app) as thief:
        thief.cookies["phien"] = token
        assert (await thief.get("/")).status_code == 303


async def test_session_ends_when_idle_and_at_the_end_of_the_day(
    officer: httpx.AsyncClient, clock: Clock
) -> None:
    for _ in range(6):
        clock.now += timedelta(minutes=115)
        assert (await officer.get("/")).status_code == 200
    clock.now += timedelta(minutes=35)
    assert (await officer.get("/")).status_code == 303  # 12 h 5 min after the login
    await log_in(officer, "canbo")
    clock.now += timedelta(minutes=121)
    assert (await officer.get("/")).status_code == 303


async def test_wrong_password_and_unknown_login_are_answered_alike(
    app: FastAPI, store: Store
) -> None:
    add_person(store, "canbo", Role.OFFICER)
    add_person(store, "cu", Role.OFFICER)
    old = store.find_person("cu")
    assert old
    store.disable_person(old.id, now=START)
    async with browser(app) as client:
        wrong = await log_in(client, "canbo", "sai mật khẩu")
        unknown = await log_in(client, "khong-co", PASSWORD)
        disabled = await log_in(client, "cu", PASSWORD)
    texts = {re.sub(r'value="[\w-]*"', "", r.text) for r in (wrong, unknown, disabled)}
    assert len(texts) == 1
    assert [r.status_code for r in (wrong, unknown, disabled)] == [401, 401, 401]


async def test_sixth_try_is_refused_even_with_the_right_password_until_the_window_is_over(
    app: FastAPI, store: Store, clock: Clock
) -> None:
    add_person(store, "canbo", Role.OFFICER)
    for i in range(5):
        async with browser(app, f"10.0.0.{i}") as client:
            assert (await log_in(client, "canbo", "sai")).status_code == 401
    async with browser(app, "10.0.0.9") as client:
        refused = await log_in(client, "canbo")
        assert refused.status_code == 429 and "đợi 15 phút" in refused.text
        clock.now += timedelta(minutes=16)
        assert (await log_in(client, "canbo")).status_code == 303


async def test_tries_are_limited_for_one_address_over_all_logins(
    app: FastAPI, store: Store
) -> None:
    add_person(store, "canbo", Role.OFFICER)
    async with browser(app, "10.0.0.1") as client:
        for i in range(5):
            await log_in(client, f"nguoi{i}", "sai")
        assert (await log_in(client, "canbo")).status_code == 429
    async with browser(app, "10.0.0.2") as client:
        assert (await log_in(client, "canbo")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://xa.example:8000"},
    ],
)
async def test_form_of_another_site_is_refused(
    officer: httpx.AsyncClient, headers: Mapping[str, str]
) -> None:
    answer = await officer.post("/dang-xuat", headers=headers)
    assert answer.status_code == 403
    assert (await officer.get("/")).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_own_form_is_taken(officer: httpx.AsyncClient, site: str) -> None:
    answer = await officer.post("/dang-xuat", headers={"sec-fetch-site": site})
    assert answer.status_code == 303


async def test_huge_form_is_refused_before_it_is_read(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/dang-nhap", data={"login": "x" * 70_000})).status_code == 413
