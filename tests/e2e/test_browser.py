"""The chat page and the officers' pages as people use them: a real browser, a phone's width."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import Town

pytestmark = [pytest.mark.browser, pytest.mark.nlu]

_ANSWER_TIMEOUT_MS = 30_000


@pytest.fixture
def phone(open_page: Callable[[int, int], Page]) -> Page:
    return open_page(390, 844)


def _shoot(page: Page, name: str) -> None:
    """Keeps a picture where SCREENSHOTS says, for whoever wants to look."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def _ask(page: Page, text: str, expected: str) -> None:
    """Types a question and waits for a bubble of the OA with `expected` after it."""
    before = page.get_by_test_id("bubble-oa").count()
    page.get_by_test_id("message-input").fill(text)
    page.get_by_test_id("send").click()
    # An earlier talk may hold the same words: a new bubble has to come first.
    page.wait_for_function(
        "n => document.querySelectorAll('[data-testid=bubble-oa]').length > n",
        arg=before,
        timeout=_ANSWER_TIMEOUT_MS,
    )
    answer = page.get_by_test_id("bubble-oa").filter(has_text=re.compile(expected))
    expect(answer.last).to_be_visible(timeout=_ANSWER_TIMEOUT_MS)


TALKS = {
    "luong_huu": (
        "Bác muốn chuyển lương hưu sang thẻ ngân hàng thì làm thế nào cháu",
        "lương hưu sang tài khoản",
    ),
    "samsung": ("cai vneid tren may samsung ntn a", "CH Play"),
    "muc_3_4": ("mức độ 3 với mức độ 4 khác nhau chỗ nào", "toàn trình"),
    "otp": ("có anh công an gọi bảo đọc mã otp", "Dừng lại"),
    "gia_vang": ("hôm nay giá vàng bao nhiêu", "ngoài phạm vi"),
    "gap_can_bo": ("cho gặp cán bộ", "0200 000 001"),
}


@pytest.mark.parametrize("name", TALKS)
def test_citizen_types_a_question_and_reads_the_answer(town: Town, phone: Page, name: str) -> None:
    phone.goto(town.simulator)
    _ask(phone, *TALKS[name])
    _shoot(phone, name)
    # Nothing may be wider than the phone.
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_citizen_sends_a_photo_and_is_asked_for_words(town: Town, phone: Page) -> None:
    phone.goto(town.simulator)
    phone.get_by_test_id("attach-toggle").click()
    phone.get_by_test_id("attach-image").click()
    answer = phone.get_by_test_id("bubble-oa").filter(has_text="không xem được ảnh")
    expect(answer.last).to_be_visible(timeout=_ANSWER_TIMEOUT_MS)
    _shoot(phone, "anh")


def test_citizen_taps_a_button_under_the_answer(town: Town, phone: Page) -> None:
    phone.goto(town.simulator)
    _ask(phone, "xin chào", "trợ lý tự động")
    phone.get_by_test_id("choice").filter(has_text="VNeID").last.click()
    menu = phone.get_by_test_id("bubble-oa").filter(has_text="Cài ứng dụng VNeID")
    expect(menu.last).to_be_visible(timeout=_ANSWER_TIMEOUT_MS)
    _shoot(phone, "menu")


def test_first_admin_signs_up_and_finds_guides_and_unanswered_questions(
    town: Town, phone: Page
) -> None:
    said = town.act("2460000000000077777", "send", {"text": "hôm nay giá vàng bao nhiêu vậy"})
    town.wait_for_outcome(said["message_id"])
    phone.goto(town.setup_link)
    phone.get_by_label("Họ và tên").fill("Quản trị thử")
    phone.get_by_label("Tên đăng nhập").fill("quantri")
    for field in phone.locator("input[type=password]").all():
        field.fill("mat khau dai de thu 1")
    phone.get_by_role("button", name="Tạo tài khoản").click()
    phone.wait_for_url(f"{town.admin}/")
    _shoot(phone, "admin_home")
    phone.goto(f"{town.admin}/huong-dan")
    expect(phone.get_by_text("Cài ứng dụng VNeID").first).to_be_visible()
    _shoot(phone, "admin_guides")
    phone.goto(f"{town.admin}/cau-hoi")
    expect(phone.get_by_text("hôm nay giá vàng bao nhiêu vậy").first).to_be_visible()
    _shoot(phone, "admin_unanswered")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
