"""The gallery: every guide, case and rendition, on one page that needs nothing else."""

from __future__ import annotations

import re

from bot.gallery import render_gallery
from bot.render import render_guide, voice_of
from tests.bot.builders import TODAY, make_guide, make_guides, make_office, shipped_content


def test_every_shipped_guide_is_shown_in_every_case_and_rendition() -> None:
    content = shipped_content()
    page = render_gallery(content.guides, content.offices["example"], TODAY, pages="pages/example")
    phones = set(re.findall(r'<figure class="phone" id="([^"]+)"', page))
    for guide in content.guides.guides.values():
        assert f'<h3 id="{guide.intent}">' in page
        for end in [f"-{v.id}" for v in guide.variants] or [""]:
            for kind in ("dan", "giup", "vuong"):
                assert f"{guide.intent}-{kind}{end}" in phones
        assert (f"{guide.intent}-hoi" in phones) == bool(guide.variants)
    assert 'class="problem"' not in page


def test_page_is_self_contained_and_its_links_lead_somewhere() -> None:
    page = render_gallery(make_guides(), make_office(), TODAY, pages="pages/xa_mau")
    assert not re.search(r"<script|<link|@import|url\(|\ssrc=", page)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_count_of_messages_and_characters_is_that_of_the_reply() -> None:
    guides = make_guides(guides={"lua_dao": make_guide("lua_dao", related=(), helper="Nhớ nhé.")})
    page = render_gallery(guides, make_office(), TODAY, pages="p")
    counts = [int(c) for c in re.findall(r"1 tin nhắn, (\d+) chữ", page)]
    assert len(counts) == 3
    citizen, helper, _ = counts
    voice = voice_of(guides, make_office(), TODAY)
    plain = render_guide(voice, guides.guides["lua_dao"], None, []).text
    helped = render_guide(voice, guides.guides["lua_dao"], None, [], is_helper=True).text
    assert helper - citizen == len(helped) - len(plain)
    assert citizen > len(plain)  # the choices below it


def test_guide_that_does_not_fit_is_shown_with_the_reason() -> None:
    long = make_guide("lua_dao", related=(), answer="dài " * 2000)
    page = render_gallery(make_guides(guides={"lua_dao": long}), make_office(), TODAY, pages="p")
    assert "hướng dẫn dài quá" in page
