"""What the pages about questions and guides show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.accounts import Role
from bot.admin.app import create_app
from bot.admin.guides import number_steps
from bot.guides import Step
from bot.settings import read_settings
from bot.store import OutcomeRow, Store
from tests.admin.officers_site import (
    GUIDES,
    START,
    VARIANTS,
    Clock,
    add_person,
    browser,
    log_in,
    make_guide,
    unescaped,
)

QUESTION = OutcomeRow(
    event_id="e0", office="example", citizen_hash="c", asked_at=START, outcome="no_content",
    intent=None, confidence=0.4, text="<script>alert(1)</script> gọi [điện thoại]",
    ranking=(("khai_sinh", 0.404), ("vneid_cai_dat", 0.3), ("vneid_kich_hoat", 0.2),
             ("la", 0.1)), choices=(), model="m",
)  # fmt: skip


async def test_unanswered_question_is_shown_as_text_with_its_three_nearest_intents(
    officer: httpx.AsyncClient, store: Store
) -> None:
    store.record_outcome(QUESTION)
    text = (await officer.get("/cau-hoi")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; gọi [điện thoại]" in text
    assert "<script" not in text and "khai sinh <b>" not in text
    words = unescaped(text)
    assert "22/11/2026 10:00" in words  # 03:00 UTC in Viet Nam
    assert "Chưa hiểu hoặc chưa có hướng dẫn" in words
    assert "khai sinh &lt;b&gt; 40% cài VNeID 30% kích hoạt VNeID 20%" in words
    assert "10%" not in words


async def test_unanswered_questions_are_filtered_and_paged_newest_first(
    officer: httpx.AsyncClient, store: Store
) -> None:
    for i in range(45):
        outcome = ("clarify", "error", "answered")[i % 3]
        at = START + timedelta(minutes=i)
        row = replace(QUESTION, event_id=f"e{i}", asked_at=at, outcome=outcome, text=f"câu-{i}.")
        store.record_outcome(row)

    async def shown(address: str) -> list[int]:
        text = (await officer.get(address)).text
        return [int(n) for n in re.findall(r"câu-(\d+)\.", text)]

    everything = [i for i in range(44, -1, -1) if i % 3 != 2]
    assert await shown("/cau-hoi") == everything[:20]
    assert await shown("/cau-hoi?trang=2") == everything[20:]
    assert await shown("/cau-hoi?trang=99") == everything[20:]
    assert await shown("/cau-hoi?loai=error") == [i for i in everything if i % 3 == 1]
    assert await shown("/cau-hoi?loai=answered") == everything[:20]
    words = unescaped((await officer.get("/cau-hoi")).text)
    assert "30 câu" in words and "Trang 1 trong 2" in words
    assert "Không có câu nào loại" in (await officer.get("/cau-hoi?loai=no_content")).text


async def test_empty_list_says_that_nothing_was_missed(officer: httpx.AsyncClient) -> None:
    assert "Chưa có câu nào bị bỏ sót" in (await officer.get("/cau-hoi")).text


@pytest.mark.parametrize("words", ["kich hoat", "KÍCH HOẠT", "hoat kich", "vneid tai khoan"])
async def test_search_finds_a_guide_with_and_without_diacritics(
    officer: httpx.AsyncClient, words: str
) -> None:
    text = (await officer.get("/huong-dan", params={"tim": words})).text
    assert "/huong-dan/vneid_kich_hoat" in text
    assert "/huong-dan/vneid_cai_dat" not in text


async def test_search_without_result_says_what_to_do_and_shows_its_words_as_text(
    officer: httpx.AsyncClient,
) -> None:
    text = (await officer.get("/huong-dan", params={"tim": '"><b>zz'})).text
    assert "Không có hướng dẫn nào hợp" in text and "<b>zz" not in text
    assert "Xem tất cả hướng dẫn" in text


async def test_list_of_guides_puts_the_overdue_first_and_counts_problems(
    officer: httpx.AsyncClient,
) -> None:
    text = (await officer.get("/huong-dan")).text
    order = re.findall(r'href="/huong-dan/(\w+)"', text)
    assert order == ["vneid_cai_dat", "vneid_kich_hoat"]
    words = unescaped(text)
    assert "Cài ứng dụng vneid_cai_dat Công an xã 21/11/2026 quá hạn 40 1 1" in words
    assert "vneid_kich_hoat Công an xã 01/05/2027 40 1 0" in words
    assert "Kích hoạt tài khoản &lt;VNeID&gt;" in words


async def test_guide_is_shown_with_facts_their_sources_and_its_problems(
    officer: httpx.AsyncClient,
) -> None:
    text = (await officer.get("/huong-dan/vneid_cai_dat")).text
    words = unescaped(text)
    assert "Bấm <b>Cài đặt</b>" in text
    assert "Đã quá hạn xem lại từ ngày 21/11/2026" in words
    assert "dữ kiện chua_co chưa có" in words and "chưa điền Giờ" not in words
    assert "chưa có: chua_co" in words
    assert "Quên mật khẩu: bấm Quên" in words
    assert "Tổng đài VNeID 1900.0368 Công an tỉnh Mẫu nên kiểm tra thêm 03/10/2026" in words
    assert "04/10/2026 quá hạn" in words
    assert "Số điện thoại Công an xã 0200 000 006" in words


async def test_page_of_problems_lists_every_file(officer: httpx.AsyncClient) -> None:
    words = unescaped((await officer.get("/can-sua")).text)
    assert "offices/example.yaml chưa điền Giờ làm việc" in words
    assert "2 chỗ trong 2 tệp" in words


def test_steps_are_numbered_as_the_citizen_of_each_case_counts_them() -> None:
    def step(id: str, *variants: str) -> Step:
        return Step(id=id, title=id, lines=(), errors=(), variants=frozenset(variants))

    steps = (step("a", "android"), step("b", "android"), step("c", "iphone"), step("d"))
    guide = make_guide("x", "X", steps=steps, variants=VARIANTS)
    assert [p.number for p in number_steps(guide)] == ["1", "2", "1", "2–3"]
    assert [[v.id for v in p.variants] for p in number_steps(guide)] == [
        ["android"], ["android"], ["iphone"], [],
    ]  # fmt: skip


@dataclass(frozen=True)
class Box:
    waiting: int = 3
    delayed: int = 0
    dead: int = 2
    oldest_age_s: float = 130


async def home_words(store: Store, clock: Clock, stats: Callable[[], object]) -> str:
    app = create_app(
        read_settings({}), store, lambda: GUIDES, stats=stats, clock=clock  # type: ignore[arg-type]
    )  # fmt: skip
    async with browser(app) as client:
        await log_in(client, "canbo")
        return unescaped((await client.get("/")).text)


async def test_home_counts_the_last_day_the_last_week_and_the_mailboxes(
    store: Store, clock: Clock
) -> None:
    add_person(store, "canbo", Role.OFFICER)
    ages = [(1, "answered"), (23, "no_content"), (25, "answered"), (170, "answered"), (2, "new")]
    for hours, outcome in ages:
        at = START - timedelta(hours=hours)
        store.record_outcome(replace(QUESTION, event_id=str(hours), asked_at=at, outcome=outcome))

    async def stats() -> Mapping[str, Box]:
        return {"inbox": Box(dead=0), "outbox": Box()}

    words = await home_words(store, clock, stats)
    assert "1 câu chưa trả lời được 1 câu trong 7 ngày qua" in words
    assert "3 tin nhắn trong 24 giờ 7 ngày qua: 4" in words
    assert "2 hướng dẫn 1 quá hạn" in words
    assert "Đã trả lời 50% 2 1" in words
    assert "new 25% 1 1" in words  # an outcome without a name on the page is still counted
    assert "Hộp đi (câu trả lời) 3 0 2 2 phút" in words


async def test_home_works_while_redis_does_not_answer(store: Store, clock: Clock) -> None:
    add_person(store, "canbo", Role.OFFICER)

    async def stats() -> Mapping[str, Box]:
        raise RedisConnectionError

    words = await home_words(store, clock, stats)
    assert "Chưa đọc được số tin đang chờ" in words
    assert "7 ngày qua chưa có tin nhắn nào" in words
