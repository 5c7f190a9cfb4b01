"""The chat page in a real browser, with a tiny bot on the other side of the wire."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from simulator.app import create_app
from simulator.settings import Settings
from tests.simulator.echo_bot import EchoBot

pytestmark = pytest.mark.browser

_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


@dataclass(kw_only=True)
class Chat:
    """A page, the bot behind it, and everything the page asked for or complained of."""

    page: Page
    bot: EchoBot
    url: str
    requested: list[str]
    complaints: list[str]

    def say(self, text: str) -> None:
        self.page.get_by_test_id("message-input").fill(text)
        self.page.get_by_test_id("send").click()

    def overflow_px(self) -> int:
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[(390, 844), (1280, 900)], ids=["phone", "desktop"])
def chat(
    request: pytest.FixtureRequest,
    browser: Browser,
    tmp_path: Path,
    serve: Callable[[FastAPI], str],
) -> Iterator[Chat]:
    bot = EchoBot()
    hook = serve(bot.app()) + "/hook"
    url = serve(create_app(Settings(state_dir=tmp_path, webhook_url=hook, oa_name="UBND xã Mẫu")))
    bot.simulator_url = url
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(10_000)
    chat = Chat(page=page, bot=bot, url=url, requested=[], complaints=[])
    page.on("request", lambda asked: chat.requested.append(asked.url))
    page.on("console", lambda line: chat.complaints.append(line.text))
    page.on("pageerror", lambda error: chat.complaints.append(str(error)))
    page.goto(url)
    expect(page.get_by_test_id("sample").first).to_be_visible()
    yield chat
    page.close()


def test_question_is_answered_in_bubbles_and_stays_on_this_machine(chat: Chat) -> None:
    expect(chat.page.get_by_text("MÔ PHỎNG", exact=True)).to_be_visible()
    expect(chat.page.get_by_role("heading", name="UBND xã Mẫu").first).to_be_visible()
    chat.say("Xin chào")
    expect(chat.page.get_by_test_id("bubble-user")).to_contain_text("Xin chào")
    expect(chat.page.get_by_test_id("bubble-oa")).to_contain_text("Bạn vừa viết: Xin chào")
    assert chat.overflow_px() == 0
    assert all(asked.startswith((chat.url, "data:")) for asked in chat.requested)
    assert chat.complaints == []


def test_long_reply_is_shown_as_text_with_links_and_page_stays_at_the_end(chat: Chat) -> None:
    chat.say("Cài VNeID thế nào?")
    bubble = chat.page.get_by_test_id("bubble-oa")
    expect(bubble).to_contain_text("<b>không phải thẻ</b> <img src=x onerror=alert(1)>")
    links = {link.get_attribute("href") for link in bubble.locator(".text a").all()}
    assert links == {
        "tel:19000368", "tel:0912345678", "tel:113", "https://dichvucong.gov.vn",
        "https://vneid.gov.vn/huong-dan?a=1&b=2",
    }  # fmt: skip
    assert "\n\nBước 2. Tìm VNeID\n- Gõ chữ" in bubble.inner_text()
    expect(bubble.get_by_test_id("choice").last).to_be_in_viewport()
    assert chat.overflow_px() == 0
    assert chat.complaints == []


def test_taps_reach_the_bot_and_hidden_ones_show_no_bubble(chat: Chat) -> None:
    chat.say("Cài VNeID thế nào?")
    choices = chat.page.get_by_test_id("choice")
    expect(choices).to_have_count(4)
    choices.nth(0).click()
    expect(chat.page.get_by_test_id("bubble-user").last).to_contain_text("máy android")
    choices.nth(1).click()
    expect(chat.page.get_by_test_id("bubble-oa").last).to_contain_text("g:vneid_cai/iphone")
    expect(chat.page.get_by_test_id("bubble-user")).to_have_count(2)
    assert choices.nth(2).get_attribute("href") == "https://dichvucong.example/"
    assert choices.nth(3).get_attribute("href") == "tel:+84000000004"


def test_attachments_of_every_kind_are_sent_and_shown(chat: Chat) -> None:
    kinds = ["image", "audio", "sticker", "location", "file"]
    for number, kind in enumerate(kinds, start=1):
        chat.page.get_by_test_id("attach-toggle").click()
        chat.page.get_by_test_id(f"attach-{kind}").click()
        expect(chat.page.get_by_test_id("bubble-user")).to_have_count(number)
    expect(chat.page.get_by_test_id("delivery")).to_have_text("Đã gửi")
    assert [event["event_name"] for event in chat.bot.heard] == [f"user_send_{k}" for k in kinds]


def test_keyboard_alone_sends_and_breaks_lines(chat: Chat) -> None:
    field = chat.page.get_by_test_id("message-input")
    field.focus()
    chat.page.keyboard.type("dòng một")
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("dòng hai")
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_test_id("bubble-user")).to_contain_text("dòng một\ndòng hai")
    expect(field).to_have_value("")
    expect(field).to_be_focused()


def test_new_user_starts_an_empty_talk_and_the_old_one_is_kept(chat: Chat) -> None:
    chat.say("Tôi là người đầu tiên")
    expect(chat.page.get_by_test_id("bubble-oa")).to_have_count(1)
    chat.page.get_by_test_id("new-user").click()
    expect(chat.page.get_by_test_id("user-name")).to_have_text("Người dùng 2")
    expect(chat.page.get_by_test_id("bubble-user")).to_have_count(0)
    chat.page.reload()
    expect(chat.page.get_by_test_id("user-name")).to_have_text("Người dùng 2")
    if chat.page.get_by_test_id("panel-open").is_visible():
        chat.page.get_by_test_id("panel-open").click()
    chat.page.get_by_test_id("user").get_by_text("Người dùng 1").click()
    expect(chat.page.get_by_test_id("bubble-user")).to_contain_text("Tôi là người đầu tiên")


def test_reader_of_older_messages_is_not_pulled_to_the_end(chat: Chat) -> None:
    chat.say("Cài VNeID thế nào?")
    expect(chat.page.get_by_test_id("choice")).to_have_count(4)
    talk = chat.page.get_by_test_id("talk")
    talk.evaluate("node => { node.scrollTop = 0; }")
    chat.page.wait_for_function("document.getElementById('talk').scrollTop === 0")
    chat.page.evaluate(
        "fetch('/__fake/staff', {method: 'POST', body: JSON.stringify({user_id:"
        " localStorage.getItem('simulator.user'), text: 'Tôi là cán bộ'})})"
    )
    expect(chat.page.get_by_test_id("to-end")).to_be_visible()
    assert talk.evaluate("node => node.scrollTop") == 0
    chat.page.get_by_test_id("to-end").click()
    expect(chat.page.get_by_text("Tôi là cán bộ")).to_be_in_viewport()
    expect(chat.page.get_by_test_id("to-end")).to_be_hidden()


def test_undelivered_message_says_so(chat: Chat) -> None:
    chat.bot.is_down = True
    chat.say("Có ai không?")
    expect(chat.page.get_by_test_id("delivery")).to_contain_text("chưa nhận được")


def test_touch_targets_and_type_are_large(chat: Chat) -> None:
    chat.say("Cài VNeID thế nào?")
    expect(chat.page.get_by_test_id("choice")).to_have_count(4)
    chat.page.get_by_test_id("attach-toggle").click()
    for button in chat.page.locator("main button:visible, main a.choice:visible").all():
        box = button.bounding_box()
        assert box is not None and box["height"] >= 44 and box["width"] >= 44, button.inner_text()
    sizes = chat.page.evaluate(
        "[...document.querySelectorAll('main *')].filter(n => n.childNodes.length && n.offsetParent"
        " && [...n.childNodes].some(c => c.nodeType === 3 && c.data.trim()))"
        ".map(n => [n.className, parseFloat(getComputedStyle(n).fontSize)])"
    )
    assert len(sizes) > 5
    assert {name for name, size in sizes if size < 16} <= {"mark"}


def test_page_fits_the_smallest_phones_with_the_panel_open(chat: Chat) -> None:
    chat.say("Cài VNeID thế nào?")
    expect(chat.page.get_by_test_id("choice")).to_have_count(4)
    chat.page.set_viewport_size({"width": 320, "height": 568})
    chat.page.get_by_test_id("attach-toggle").click()
    assert chat.overflow_px() == 0
    assert chat.page.get_by_test_id("talk").evaluate("n => n.scrollWidth - n.clientWidth") == 0
    chat.page.get_by_test_id("panel-open").click()
    expect(chat.page.get_by_test_id("staff-send")).to_be_visible()
    assert chat.overflow_px() == 0
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_test_id("staff-send")).to_be_hidden()


def test_page_recovers_when_its_user_is_gone(chat: Chat) -> None:
    chat.page.evaluate("localStorage.setItem('simulator.user', '404')")
    chat.page.reload()
    expect(chat.page.get_by_test_id("user-name")).to_have_text("Người dùng 2")
    chat.say("Xin chào")
    expect(chat.page.get_by_test_id("bubble-oa")).to_have_count(1)
