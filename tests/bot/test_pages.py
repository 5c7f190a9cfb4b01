"""Public pages and printable sheets: what they say, and that every rendition says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
import segno

from bot.guides import Confidence, Guide, Picture
from bot.offices import Office
from bot.pages import QR_BORDER, render_guide_pages, render_pages, zalo_address
from bot.render import Voice, facts_of, render_errors, render_guide, voice_of
from tests.bot.builders import (
    OA,
    TODAY,
    make_fact,
    make_guide,
    make_guides,
    make_office,
    make_step,
    shipped_content,
)

_VOID = {"meta", "link", "img", "br", "path"}


class _Reader(HTMLParser):
    """The text of a page, in one line, without what is left out."""

    def __init__(self, leave_out: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._leave_out = leave_out
        self._depth = 0
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        if self._depth:
            self._depth += 1
        elif any(pair in self._leave_out for pair in attrs) or tag in ("head", "header", "footer"):
            self._depth = 1

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag not in _VOID:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if not self._depth:
            self.parts.append(data)


def text_of(page: str, *leave_out: tuple[str, str]) -> str:
    """What a page says between header and footer, without elements with these attributes."""
    reader = _Reader(leave_out)
    reader.feed(page)
    return " ".join("".join(reader.parts).split())


def marked(voice: Voice) -> tuple[Voice, dict[str, str]]:
    """A voice that says one sign of its own for each value, and the name of each sign."""
    names = {chr(0xE000 + n): name for n, name in enumerate(sorted(voice.values))}
    return replace(voice, values={name: sign for sign, name in names.items()}), names


def _cases() -> Iterator[tuple[Guide, str | None]]:
    for guide in shipped_content().guides.guides.values():
        for variant in [v.id for v in guide.variants] or [None]:
            yield guide, variant


def _shipped() -> tuple[Voice, Office]:
    content = shipped_content()
    office = content.offices["example"]
    return voice_of(content.guides, office, TODAY), office


def _own(guide: Guide, variant: str | None) -> list[tuple[str, str | None]]:
    """Marks of the other cases of a guide."""
    return [("id", v.id) for v in guide.variants if v.id != variant]


@pytest.mark.parametrize(
    ("guide", "variant"), list(_cases()), ids=lambda x: x.intent if isinstance(x, Guide) else x
)
def test_every_rendition_of_a_shipped_guide_states_the_same_facts(
    guide: Guide, variant: str | None
) -> None:
    voice, office = _shipped()
    voice, names = marked(voice)
    files = render_guide_pages(voice, guide, office)
    others = _own(guide, variant)
    errors = render_errors(voice, guide, variant, []).text
    texts = {
        "citizen": render_guide(voice, guide, variant, []).text + errors,
        "helper": render_guide(voice, guide, variant, [], is_helper=True).text + errors,
        "page": text_of(files[f"{guide.intent}.html"], *others, ("class", "facts")),
        "a4": text_of(files[f"{guide.intent}-a4.html"], *others, ("class", "commune")),
    }
    stated = {kind: {names[c] for c in text if c in names} for kind, text in texts.items()}
    assert stated["helper"] >= stated["citizen"]
    if guide.helper and "{{" not in guide.helper:
        assert stated["helper"] == stated["citizen"]
    assert stated["page"] == stated["helper"]
    assert stated["a4"] == stated["helper"]


@pytest.mark.parametrize(
    ("guide", "variant"), list(_cases()), ids=lambda x: x.intent if isinstance(x, Guide) else x
)
def test_page_and_sheet_hold_every_line_of_a_shipped_guide(
    guide: Guide, variant: str | None
) -> None:
    voice, office = _shipped()
    wanted = [guide.answer, guide.safety, guide.help, guide.helper, guide.audience, *guide.bring]
    for step in guide.steps_for(variant):
        wanted += [step.title, *step.lines, *step.errors]
    files = render_guide_pages(voice, guide, office)
    for page in files.values():
        text = text_of(page, *_own(guide, variant))
        assert [w for w in wanted if " ".join(voice.say(w).split()) not in text] == []


def test_page_names_source_and_date_of_exactly_the_facts_that_it_states() -> None:
    voice, office = _shipped()
    for guide in voice.guides.guides.values():
        page = render_guide_pages(voice, guide, office)[f"{guide.intent}.html"]
        text = text_of(page)
        facts = facts_of(guide, voice.guides)
        assert text.count("Nguồn: ") == len(facts)
        for fact in facts:
            assert f"Nguồn: {fact.source}; kiểm tra ngày {fact.checked_on:%d/%m/%Y}." in text


def pages_of(*guides: Guide, **changes: object) -> dict[str, str]:
    """The files of an office with these guides only."""
    guide_set = make_guides(guides={g.intent: g for g in guides}, **changes)
    return render_pages(guide_set, make_office(), TODAY)


def test_files_are_index_style_and_two_for_each_guide() -> None:
    assert pages_of(make_guide()).keys() == {
        "index.html", "style.css", "mat_khau.html", "mat_khau-a4.html",
    }  # fmt: skip


def test_index_names_guides_under_their_topics() -> None:
    files = render_pages(make_guides(), make_office(), TODAY)
    links = re.findall(r'href="([a-z_]+\.html)"', files["index.html"].split("<main")[1])
    assert links == ["cai_app.html", "mat_khau.html", "luong.html", "lua_dao.html"]
    assert all(link in files for link in links)


def test_guide_with_a_mistake_is_left_out_and_the_others_stay() -> None:
    files = pages_of(make_guide(), make_guide("luong", answer="Mất {{ khong_co }}."))
    assert "mat_khau.html" in files
    assert "luong.html" not in files
    assert "luong.html" not in files["index.html"]


def test_text_of_officers_is_never_markup() -> None:
    office = make_office(values={**make_office().values, "sdt_ttpvhcc": "<img src=x onerror=y>"})
    guide = make_guide(answer="Bấm <script>alert(1)</script> & “xong”.")
    files = render_pages(make_guides(guides={"mat_khau": guide}), office, TODAY)
    for name in ("mat_khau.html", "mat_khau-a4.html", "index.html"):
        assert "<script" not in files[name]
        assert "<img" not in files[name]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “xong”" in files["mat_khau.html"]


def test_pages_ask_for_nothing_from_elsewhere_and_run_no_script() -> None:
    voice, office = _shipped()
    for name, text in render_pages(voice.guides, office, TODAY).items():
        assert not re.search(r"<script|\sstyle=|<style|\son[a-z]+=|@import|url\(", text), name
        for address in re.findall(r'(?:src|<link[^>]+href)="([^"]+)"', text):
            assert re.fullmatch(r"[\w.-]+|data:,", address), (name, address)
        outside = set(re.findall(r'href="(https?:[^"]+)"', text))
        assert outside <= {f"https://zalo.me/{office.oa_id}"}, name


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("0200 000 001", "tel:0200000001"),
        ("1900.0368", "tel:19000368"),
        ("18001096", "tel:18001096"),
        ("0912345678", "tel:0912345678"),
        ("113", "tel:113"),
    ],
)
def test_phone_number_is_a_link_to_call(value: str, link: str) -> None:
    files = pages_of(make_guide(), facts={"phi": make_fact(value=value)})
    assert f'<a class="phone" href="{link}">{value}</a>' in files["mat_khau.html"]


@pytest.mark.parametrize("value", ["12.000 đồng", "1.001193", "01/01/2027", "Nghị định 07/2021"])
def test_other_numbers_are_not_taken_for_telephones(value: str) -> None:
    files = pages_of(make_guide(), facts={"phi": make_fact(value=value)})
    assert "tel:" not in text_of(files["mat_khau.html"]) + files["mat_khau.html"]


def test_expired_fact_is_not_stated() -> None:
    old = make_fact(review_by=TODAY - timedelta(days=1))
    for name in ("mat_khau.html", "mat_khau-a4.html"):
        text = pages_of(make_guide(), facts={"phi": old})[name]
        assert "12.000 đồng" not in text
        assert "đang kiểm tra lại" in text


def test_unsure_fact_brings_the_advice_to_ask_again() -> None:
    unsure = make_fact(confidence=Confidence.MEDIUM)
    files = pages_of(make_guide(), facts={"phi": unsure})
    assert "Mức có thể đổi." in files["mat_khau.html"]
    assert "Mức có thể đổi." in files["mat_khau-a4.html"]
    assert "Mức có thể đổi." not in pages_of(make_guide())["mat_khau.html"]


def test_every_case_has_an_anchor_and_a_sheet_of_its_own() -> None:
    guide = make_guides().guides["cai_app"]
    files = pages_of(guide)
    for variant in guide.variants:
        assert f'href="#{variant.id}"' in files["cai_app.html"]
        assert f'<section id="{variant.id}"' in files["cai_app.html"]
        assert f'<article class="sheet" id="{variant.id}"' in files["cai_app-a4.html"]
        text = text_of(files["cai_app.html"], *_own(guide, variant.id))
        assert "Bước 2 trong 2: Bấm cài" in text


def test_no_two_elements_of_a_page_share_an_id() -> None:
    voice, office = _shipped()
    for name, text in render_pages(voice.guides, office, TODAY).items():
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), name
        assert {r for r in re.findall(r'(?:href="#|labelledby=")([^"]+)"', text)} <= set(ids), name


def test_links_between_pages_lead_somewhere() -> None:
    voice, office = _shipped()
    files = render_pages(voice.guides, office, TODAY)
    for name, text in files.items():
        assert set(re.findall(r'href="([^"#:]+)"', text)) <= files.keys(), name


def test_sheet_carries_a_qr_code_of_the_account() -> None:
    office = make_office()
    assert zalo_address(office) == f"https://zalo.me/{OA}"
    sheet = pages_of(make_guide())["mat_khau-a4.html"]
    assert _modules(sheet) == [list(row) for row in segno.make(zalo_address(office)).matrix]
    other = segno.make("https://zalo.me/1").matrix
    assert _modules(sheet) != [list(row) for row in other]


def _modules(sheet: str) -> list[list[int]]:
    """Dark (1) and light (0) modules that the drawing in `sheet` paints."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', sheet)[1]) - 2 * QR_BORDER  # type: ignore[index]
    modules = [[0] * size for _ in range(size)]
    x = y = 0.0
    path = re.search(r'class="qr-line"[^>]* d="([^"]+)"', sheet)
    assert path is not None
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        first, *second = map(float, numbers.replace("-", " -").split())
        if command == "M":
            x, y = first, second[0]
        elif command == "m":
            x, y = x + first, y + second[0]
        else:
            for step in range(int(first)):
                modules[int(y) - QR_BORDER][int(x) + step - QR_BORDER] = 1
            x += first
    return modules


def test_picture_of_a_step_stands_on_the_page_with_its_description() -> None:
    picture = Picture(
        file="kho.png", description="Nút Mở", sha256="0" * 64, size=9, media_type="image/png"
    )
    files = pages_of(make_guide(steps=(make_step(picture=picture),)))
    assert '<img class="picture" src="mat_khau-kho.png" alt="Nút Mở">' in files["mat_khau.html"]
    assert "Nút Mở" in files["mat_khau-a4.html"]
