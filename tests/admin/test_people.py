"""The one-time set-up link, passwords and the officers' accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from bot.accounts import Role
from bot.admin.auth import make_setup_link
from bot.store import Store
from tests.admin.officers_site import (
    BASE,
    PASSWORD,
    START,
    Clock,
    add_person,
    browser,
    log_in,
)

SETUP = {"name": "Quản trị Mẫu", "login": "quantri", "password": PASSWORD, "again": PASSWORD}


async def test_setup_link_makes_one_admin_and_is_then_used_up(
    app: FastAPI, store: Store, visitor: httpx.AsyncClient
) -> None:
    link = make_setup_link(store, BASE + "/", START)
    assert link and link.startswith(f"{BASE}/khoi-tao?ma=")
    code = link.partition("ma=")[2]
    assert (await visitor.get(link)).status_code == 200
    answer = await visitor.post("/khoi-tao", data={**SETUP, "ma": code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Người quản trị" not in (await visitor.get("/")).text
    person = store.find_person("quantri")
    assert person and person.role is Role.ADMIN and person.password_hash.startswith("$argon2id$")
    async with browser(app) as other:
        assert (await other.get(link)).status_code == 410
        again = await other.post("/khoi-tao", data={**SETUP, "login": "hai", "ma": code})
        assert again.status_code == 410
    assert [p.login for p in store.list_people()] == ["quantri"]
    assert make_setup_link(store, BASE, START) is None


async def test_setup_link_ends_after_a_day_and_when_a_person_exists(
    store: Store, clock: Clock, visitor: httpx.AsyncClient
) -> None:
    link = make_setup_link(store, BASE, START)
    assert link
    clock.now += timedelta(hours=24)
    assert (await visitor.get(link)).status_code == 410
    clock.now = START
    add_person(store, "canbo", Role.OFFICER)
    data = {**SETUP, "ma": link.partition("ma=")[2]}
    assert (await visitor.post("/khoi-tao", data=data)).status_code == 410
    assert [p.login for p in store.list_people()] == ["canbo"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"password": "ngắn quá", "again": "ngắn quá"}, "ít nhất 10 ký tự"),
        ({"again": "khác hẳn rồi đó"}, "chưa giống nhau"),
        ({"password": "quantri2026", "again": "quantri2026"}, "không được chứa tên đăng nhập"),
        ({"password": "1" * 12, "again": "1" * 12}, "lặp lại"),
        ({"password": "a1b2" * 60, "again": "a1b2" * 60}, "dài quá"),
        ({"login": "quản trị"}, "không dấu"),
        ({"name": "  "}, "họ tên"),
    ],
)
async def test_set_up_says_what_to_mend_and_keeps_the_link(
    store: Store, visitor: httpx.AsyncClient, change: Mapping[str, str], reason: str
) -> None:
    link = make_setup_link(store, BASE, START)
    assert link
    data = {**SETUP, "ma": link.partition("ma=")[2]}
    answer = await visitor.post("/khoi-tao", data={**data, **change})
    assert answer.status_code == 422 and reason in answer.text
    assert (await visitor.post("/khoi-tao", data=data)).status_code == 303


async def test_new_officer_must_choose_an_own_password_first(
    admin: httpx.AsyncClient, app: FastAPI
) -> None:
    data = {"name": "Cán bộ Hai", "login": "hai", "role": "reviewer"}
    page = (await admin.post("/can-bo", data=data)).text
    temporary = re.search(r'class="secret">([^<]+)<', page)
    assert temporary and "Cán bộ Hai" in page
    assert temporary[1] not in (await admin.get("/can-bo")).text
    async with browser(app) as client:
        assert (await log_in(client, "hai", temporary[1])).status_code == 303
        assert (await client.get("/huong-dan")).headers["location"] == "/doi-mat-khau"
        new = {"current": temporary[1], "password": PASSWORD, "again": PASSWORD}
        kept = {**new, "password": temporary[1], "again": temporary[1]}
        assert (await client.post("/doi-mat-khau", data=kept)).status_code == 422
        wrong = await client.post("/doi-mat-khau", data={**new, "current": "sai"})
        assert "chưa đúng" in wrong.text
        assert (await client.post("/doi-mat-khau", data=new)).status_code == 303
        assert (await client.get("/huong-dan")).status_code == 200
    async with browser(app) as client:
        assert (await log_in(client, "hai", temporary[1])).status_code == 401
        assert (await log_in(client, "hai")).status_code == 303


async def test_admin_closes_opens_and_renews_accounts_but_not_the_own_one(
    admin: httpx.AsyncClient, officer: httpx.AsyncClient
) -> None:
    assert (await admin.post("/can-bo/canbo/khoa")).status_code == 303
    assert (await officer.get("/")).status_code == 303
    assert (await log_in(officer, "canbo")).status_code == 401
    await admin.post("/can-bo/canbo/mo")
    assert (await log_in(officer, "canbo")).status_code == 303
    renewed = await admin.post("/can-bo/canbo/mat-khau")
    assert 'class="secret"' in renewed.text
    assert (await officer.get("/")).status_code == 303
    assert (await admin.post("/can-bo/quantri/khoa")).status_code == 422
    assert (await admin.post("/can-bo/khong-co/khoa")).status_code == 404
    assert (await admin.get("/")).status_code == 200
    taken = {"name": "X", "login": "CANBO", "role": "officer"}
    assert "đã có người dùng" in (await admin.post("/can-bo", data=taken)).text
    wrong_role = {"name": "X", "login": "moi", "role": "king"}
    assert (await admin.post("/can-bo", data=wrong_role)).status_code == 422
