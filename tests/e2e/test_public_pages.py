"""The public pages in a real browser, as the webhook serves them: on a phone, and on paper."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import segno
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page

from bot.content import Content, load_content
from bot.gallery import render_gallery
from bot.pages import QR_BORDER, zalo_address
from bot.publish import publish
from webhook.guide_pages import ADDRESS, add_guide_pages

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
SLUG = "example"
_PX_OF_16_PT = 16 * 96 / 72


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content", TODAY)


@pytest.fixture(scope="module")
def site(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the example office's pages."""
    var_dir = tmp_path_factory.mktemp("pages")
    publish(content, ROOT / "content", var_dir / "pages", TODAY)
    app = FastAPI(openapi_url=None)
    add_guide_pages(app, var_dir)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}{ADDRESS}/{SLUG}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def page(open_page: Callable[[int, int], Page]) -> Page:
    """A small phone; anything that the strict headers forbid is an error in its console."""
    return open_page(360, 800)


def _size(page: Page) -> float:
    return float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))


def test_no_page_is_wider_than_a_small_phone_and_all_type_is_large(
    page: Page, site: str, content: Content
) -> None:
    for name in ("index", *content.guides.guides):
        page.goto(f"{site}/{name}.html")
        assert _size(page) >= 20
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('body *')]"
            ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert smallest >= 20, name
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / "public_page.png", full_page=True)


def test_case_is_reached_by_tapping_its_name(page: Page, site: str, content: Content) -> None:
    guide = next(g for g in content.guides.guides.values() if len(g.variants) > 1)
    page.goto(f"{site}/{guide.intent}.html")
    last = guide.variants[-1]
    page.get_by_role("link", name=last.title, exact=True).click()
    heading = page.get_by_role("heading", name=last.title, exact=True)
    box = heading.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 400
    assert page.get_by_role("heading", name=re.compile("Bước 1 trong")).count() >= 1


def test_sheets_of_the_longest_guides_take_at_most_two_pages_each_in_large_type(
    page: Page, site: str, content: Content
) -> None:
    def length(intent: str) -> int:
        guide = content.guides.guides[intent]
        return max(
            sum(len(t) for s in guide.steps_for(v) for t in (s.title, *s.lines, *s.errors))
            for v in ([v.id for v in guide.variants] or [None])
        )

    for intent in sorted(content.guides.guides, key=length, reverse=True)[:8]:
        page.goto(f"{site}/{intent}-a4.html")
        page.emulate_media(media="print")
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('.sheet *')]"
            ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert smallest >= _PX_OF_16_PT - 0.01
        ids = page.locator(".sheet").evaluate_all("all => all.map(e => e.id)")
        for id in ids:
            page.evaluate(
                "id => document.querySelectorAll('.sheet').forEach(e => { e.hidden = e.id != id })",
                id,
            )
            pdf = page.pdf(prefer_css_page_size=True)
            assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2, (intent, id)
            box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
            assert box is not None
            assert (round(float(box[1])), round(float(box[2]))) == (595, 842)  # A4 in points


def test_qr_code_as_drawn_is_the_one_of_the_account(
    page: Page, site: str, content: Content
) -> None:
    page.goto(f"{site}/{next(iter(content.guides.guides))}-a4.html")
    matrix = segno.make(zalo_address(content.offices[SLUG])).matrix
    drawn = page.evaluate(
        """([size, border]) => {
            const path = document.querySelector('svg.qr path');
            const at = (x, y) => new DOMPoint(x + border + 0.5, y + border + 0.5);
            const all = [...Array(size).keys()];
            return all.map(y => all.map(x => path.isPointInStroke(at(x, y)) ? 1 : 0));
        }""",
        [len(matrix), QR_BORDER],
    )
    assert drawn == [list(row) for row in matrix]


def test_gallery_fits_phone_and_desk(page: Page, content: Content, tmp_path: Path) -> None:
    file = tmp_path / "gallery.html"
    text = render_gallery(content.guides, content.offices[SLUG], TODAY, pages="pages")
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".phone").first.evaluate("e => e.offsetWidth") == 360
    cut = page.locator(".bubble, .buttons span").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
    )
    assert cut == []
