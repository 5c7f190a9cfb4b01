"""Content, people and browsers for the tests of the officers' site."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache

import httpx
from fastapi import FastAPI

from bot.accounts import NewPerson, Person, Role
from bot.admin.auth import hash_password
from bot.checks import Problem
from bot.guides import Act, Confidence, Fact, Guide, GuideSet, Intent, Step, Variant
from bot.offices import Office
from bot.store import Store, hash_token

BASE = "http://xa.example"
PASSWORD = "cây cau con mèo"
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def make_guide(intent: str, title: str, **values: object) -> Guide:
    plain: dict[str, object] = {
        "intent": intent, "title": title, "answer": "Mở ứng dụng rồi bấm **Kích hoạt**.",
        "audience": "Mọi người", "bring": ("Căn cước",), "safety": "Không đưa mã OTP cho ai.",
        "help": "Gọi {{ tong_dai }} hoặc {{ sdt_cong_an_xa }}.", "owner": "Công an xã",
        "checked_on": date(2026, 11, 1), "review_by": date(2027, 5, 1), "phrases_count": 40,
        "steps": (Step(id="mo", title="Mở ứng dụng", lines=("Bấm {{ chua_co }}.",),
                       errors=("Quên mật khẩu: bấm Quên",), variants=frozenset()),),
    }  # fmt: skip
    return Guide(**{**plain, **values})  # type: ignore[arg-type]


VARIANTS = (
    Variant(id="android", title="Máy Android", words=("samsung",)),
    Variant(id="iphone", title="iPhone", words=("ios",)),
)
GUIDES = GuideSet(
    topics={"vneid": "VNeID, định danh điện tử", "dvc": "dịch vụ công"},
    intents={
        name: Intent(name=name, topic=topic, act=Act.GUIDE, label=label)
        for name, topic, label in (
            ("vneid_kich_hoat", "vneid", "kích hoạt VNeID"),
            ("vneid_cai_dat", "vneid", "cài VNeID"),
            ("khai_sinh", "dvc", "khai sinh <b>"),
        )
    },
    guides={
        "vneid_kich_hoat": make_guide("vneid_kich_hoat", "Kích hoạt tài khoản <VNeID>"),
        "vneid_cai_dat": make_guide(
            "vneid_cai_dat",
            "Cài ứng dụng",
            answer="Bấm **Cài đặt**.",
            review_by=date(2026, 11, 21),
            variants=VARIANTS,
        ),
    },
    facts={
        "tong_dai": Fact(
            name="tong_dai",
            value="1900.0368",
            label="Tổng đài VNeID",
            source="Công an tỉnh Mẫu",
            checked_on=date(2026, 10, 3),
            review_by=date(2026, 10, 4),
            confidence=Confidence.MEDIUM,
            owner="Công an xã",
        )
    },
    replies={},
)
OFFICE = Office(
    slug="example", oa_id="1", is_example=True, hours=((),) * 7,
    values={"ten_xa": "Xã Mẫu", "sdt_cong_an_xa": "0200 000 006"},
)  # fmt: skip
PROBLEMS = (
    Problem(path="guides/vneid_cai_dat/guide.md", message="dữ kiện chua_co chưa có"),
    Problem(path="offices/example.yaml", message="chưa điền Giờ làm việc"),
)


def browser(app: FastAPI, address: str = "10.0.0.1", base: str = BASE) -> httpx.AsyncClient:
    """A browser without Sec-Fetch-Site, as on plain HTTP: its forms carry Origin."""
    transport = httpx.ASGITransport(app=app, client=(address, 5000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base, headers={"origin": base})


@cache
def hash_of_password() -> str:
    return hash_password(PASSWORD)


def add_person(store: Store, login: str, role: Role) -> Person:
    new = NewPerson(login=login, name=f"Người {login}", password_hash=hash_of_password(), role=role)
    person = store.add_person(new, now=START)
    assert person
    return person


def with_session(app: FastAPI, store: Store, person: Person) -> httpx.AsyncClient:
    """A browser that is logged in, without the time that a password takes."""
    token = f"token-of-{person.login}"
    end = START + timedelta(hours=12)
    store.add_session(hash_token(token), person.id, now=START, expires_at=end, user_agent="")
    client = browser(app)
    client.cookies.set("phien", token, domain="xa.example")
    return client


async def log_in(client: httpx.AsyncClient, login: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/dang-nhap", data={"login": login, "password": password})


def unescaped(text: str) -> str:
    """Words of a page in one line, tags left out."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
