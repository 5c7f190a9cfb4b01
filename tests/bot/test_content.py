"""The content folder: what officers write is read as text, and what is broken is named."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest

from bot.checks import Problem
from bot.content import Content, ContentFolder, Files, load_content
from bot.errors import ContentError
from bot.guides import Act, Confidence
from bot.offices import LOCAL_TIME
from tests.bot.builders import (
    OA,
    TODAY,
    guide_file,
    make_fact,
    make_guide,
    make_guides,
    make_office,
    make_step,
    shipped_content,
    write_content,
)

GUIDE = "guides/mat_khau/guide.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_content(tmp_path / "content", make_guides())


def load(root: Path) -> Content:
    return load_content(root, TODAY)


def found(root: Path) -> list[tuple[str, str]]:
    return [(p.path, p.message) for p in load(root).problems]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old} occurs {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_everything_written_comes_back_as_it_was(root: Path) -> None:
    content = load(root)
    assert content.problems == ()
    guides = make_guides()
    assert content.guides.intents == guides.intents
    assert content.guides.topics == guides.topics
    assert content.guides.guides == guides.guides
    assert content.guides.facts == guides.facts
    assert content.guides.replies == guides.replies
    assert content.offices == {"xa_mau": make_office()}


def test_shipped_content_has_no_problems_for_any_office() -> None:
    content = shipped_content()
    assert [str(p) for p in content.problems] == []
    assert len(content.guides.intents) == 97
    assert content.offices


def test_office_is_found_by_its_account(root: Path) -> None:
    content = load(root)
    office = content.office_of(OA)
    assert office is not None
    assert office.slug == "xa_mau"
    assert content.office_of("1") is None


@pytest.mark.parametrize("value", ["50.000", "13:30", "no", "0243", "1e3", "2026-11-22", "0x1F"])
def test_yaml_scalars_stay_the_text_that_was_typed(root: Path, value: str) -> None:
    (root / "facts" / "all.yaml").write_text(
        f"phi:\n  value: {value}\n  label: Phí\n  source: Mẫu\n  checked_on: 2026-11-01\n"
        "  review_by: 2027-05-01\n  confidence: medium\n  owner: Văn phòng\n",
        encoding="utf-8",
    )
    fact = load(root).guides.facts["phi"]
    assert fact.value == value
    assert fact.checked_on == date(2026, 11, 1)
    assert fact.confidence is Confidence.MEDIUM


def test_guide_survives_the_editors_of_other_systems(root: Path) -> None:
    expected = load(root).guides.guides["mat_khau"]
    path = root / GUIDE
    text = path.read_text(encoding="utf-8")
    path.write_bytes(
        b"\xef\xbb\xbf" + unicodedata.normalize("NFD", text).replace("\n", "\r\n").encode()
    )
    content = load(root)
    assert content.problems == ()
    assert content.guides.guides["mat_khau"] == expected


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("no front matter", lambda p: p.write_text("## Bước {#a}\n\nLàm.\n"), "thiếu phần đầu"),
    ("empty", lambda p: p.write_text(""), "thiếu phần đầu"),
    ("front never ends", lambda p: p.write_text("---\ntitle: a\n"), "thiếu phần đầu"),
    ("front is a list", lambda p: change(p, "---\n\n", "- a\n---\n\n"), ""),
    ("front is empty", lambda p: p.write_text("---\n\n---\n"), ""),
    ("bad yaml", lambda p: change(p, "title: ", 'title: "a\nx: '), ""),
    ("unknown field", lambda p: change(p, "fee: ", "phi: "), "phi"),
    ("missing field", lambda p: change(p, "safety: ", "legal: "), "safety"),
    ("bad date", lambda p: change(p, '"2027-05-02"', '"31/02/2027"'), "31/02/2027"),
    ("no such day", lambda p: change(p, '"2027-05-02"', '"2027-02-31"'), ""),
    ("field is a list", lambda p: change(p, 'title: "Quên mật khẩu"', "title: [a]"), "cần chữ"),
    ("list is a text", lambda p: change(p, '["Điện thoại"]', "Điện thoại"), "cần danh sách"),
    ("related is a text", lambda p: change(p, '["cai_app", "luong"]', "cai_app"), "cần danh sách"),
    ("bring holds a list", lambda p: change(p, '["Điện thoại"]', "[[a]]"), "cần chữ"),
    (
        "words are a text",
        lambda p: change(p, "variants: []", "variants: [{id: a, title: A, words: samsung}]"),
        "cần danh sách",
    ),
    ("variant is a text", lambda p: change(p, "variants: []", "variants: [android]"), ""),
    ("variant has no id", lambda p: change(p, "variants: []", "variants: [{title: A}]"), "id"),
    ("step without id", lambda p: change(p, " {#mo}", ""), "tiêu đề bước"),
    ("step id with capitals", lambda p: change(p, "{#mo}", "{#Mở}"), "tiêu đề bước"),
    ("text before steps", lambda p: change(p, "---\n\n", "---\nchào\n"), "trước bước đầu"),
    ("other heading", lambda p: change(p, "### Hay gặp", "### Khác"), "tiêu đề lạ"),
    ("not utf-8", lambda p: p.write_bytes("---\ntitle: Mã\n".encode("utf-16")), "không đọc"),
    ("latin", lambda p: p.write_bytes(b"---\ntitle: M\xe3\n---\n"), "không đọc"),
    ("a folder", lambda p: (p.unlink(), p.mkdir()), "không đọc"),
    ("html", lambda p: change(p, "Mở**.\n\n###", "<b>Mở</b>.\n\n###"), "HTML"),
    ("logic", lambda p: change(p, "Mở**.\n\n###", "{% if a %}b{% endif %}\n\n###"), "chỉ được"),
    ("control character", lambda p: change(p, "Công an xã", "Công an \x01"), ""),
]


@pytest.mark.parametrize(
    ("break_it", "message"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_broken_guide_is_named_and_everything_else_stays_in_use(
    root: Path, break_it: Callable[[Path], object], message: str
) -> None:
    break_it(root / GUIDE)
    content = load(root)
    assert {p.path for p in content.problems} == {GUIDE}
    assert any(message in p.message for p in content.problems)
    assert {"luong", "cai_app", "lua_dao"} <= content.guides.guides.keys()
    assert content.guides.facts and content.guides.replies and content.offices


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("intents.yaml", "topics: {a: b}\nintents: [{name: x"),
        ("intents.yaml", "intents: x"),
        ("intents.yaml", "intents: [{name: x}]\ntopics: {}"),
        ("intents.yaml", "intents: [{name: [x], topic: t, act: guide, label: l}]\ntopics: {}"),
        ("intents.yaml", "intents: [{name: x, topic: [t], act: guide, label: l}]\ntopics: {}"),
        ("intents.yaml", "intents: [{name: x, topic: t, act: guide, label: [l]}]\ntopics: {}"),
        ("intents.yaml", "intents: [{name: x, topic: t, act: dance, label: l}]\ntopics: {}"),
        ("replies.yaml", "menu: {text: [a]}"),
        ("replies.yaml", "menu: chào"),
        ("replies.yaml", "menu: {text: chào, choices: vneid}"),
        ("replies.yaml", "- menu"),
        ("replies.yaml", ": :\n  - ]"),
        ("facts/all.yaml", "phi: 12.000"),
        ("facts/all.yaml", "phi: {value: 1}"),
        ("facts/more.yaml", "phi: {value: 1, label: a, source: b, checked_on: hôm nay}"),
        ("offices/xa_mau.yaml", "oa_id: 1"),
        ("offices/xa_mau.yaml", "oa_id: 1\nvalues: {}\nhours: {mon: 07:30-11:30}"),
        ("offices/xa_mau.yaml", 'oa_id: 1\nvalues: {}\nhours: {mon: ["7h-11h"]}'),
        ("offices/xa_mau.yaml", 'oa_id: 1\nvalues: {}\nhours: {}\nholidays: [{date: "x"}]'),
        ("guides/mat_khau/phrases.yaml", "phrases: quên rồi"),
        ("guides/mat_khau/phrases.yaml", "phrases: [[a]]"),
        ("guides/mat_khau/expect.yaml", "sentences: [{variant: a}]"),
        ("guides/mat_khau/expect.yaml", "{"),
    ],
)
def test_broken_file_is_named_and_never_stops_the_reading(root: Path, name: str, text: str) -> None:
    (root / name).write_text(text, encoding="utf-8")
    assert name in {p.path for p in load(root).problems}


def test_folder_of_an_unknown_intent_is_reported(root: Path) -> None:
    (root / "guides" / "la_hoac").mkdir()
    assert found(root) == [("guides/la_hoac", "không có ý định này trong intents.yaml")]


def test_fact_in_two_files_is_reported(root: Path) -> None:
    (root / "facts" / "more.yaml").write_bytes((root / "facts" / "all.yaml").read_bytes())
    assert found(root) == [("facts/more.yaml", "dữ kiện phi đã có ở tệp khác")]


def test_line_of_a_yaml_mistake_is_told(root: Path) -> None:
    (root / "facts" / "all.yaml").write_text("phi:\n  value: 1\n bad\n", encoding="utf-8")
    assert ("facts/all.yaml", "YAML viết chưa đúng (dòng 3)") in found(root)


def test_steps_have_their_lines_errors_and_cases(root: Path) -> None:
    body = (
        "## Mở kho {#kho .android}\n\nBấm **CH Play**.\n\n- Gõ tên.\n\n### Hay gặp\n\n"
        "- Không thấy: vuốt lên.\n- Đầy máy: xóa bớt.\n\n## Kết thúc {#het}\n\nXong.\n"
    )
    path = root / "guides" / "cai_app" / "guide.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("## ")] + body, encoding="utf-8")
    first, last = load(root).guides.guides["cai_app"].steps
    assert first.lines == ("Bấm **CH Play**.", "Gõ tên.")
    assert first.errors == ("Không thấy: vuốt lên.", "Đầy máy: xóa bớt.")
    assert first.variants == {"android"}
    assert (last.id, last.title, last.lines, last.variants) == (
        "het",
        "Kết thúc",
        ("Xong.",),
        set(),
    )


def test_step_called_end_does_not_end_the_guide(root: Path) -> None:
    path = root / GUIDE
    path.write_text(path.read_text(encoding="utf-8") + "\n## end\n", encoding="utf-8")
    assert [p for p, _ in found(root)] == [GUIDE]


def test_text_fields_come_on_one_line(root: Path) -> None:
    change(root / GUIDE, 'title: "Quên mật khẩu"', "title: >\n  Quên\n  mật   khẩu\n")
    assert load(root).guides.guides["mat_khau"].title == "Quên mật khẩu"


def test_phrases_are_counted_and_exam_sentences_kept_apart(root: Path) -> None:
    folder = root / "guides" / "mat_khau"
    (folder / "phrases.yaml").write_text("phrases:\n  - quên pass\n  - no\n", encoding="utf-8")
    (folder / "expect.yaml").write_text(
        "sentences:\n  - {text: mất mật khẩu, variant: x}\n  - lấy lại pass\n", encoding="utf-8"
    )
    guides = load(root).guides
    assert guides.phrases["mat_khau"] == ("quên pass", "no")
    assert guides.expect["mat_khau"] == ("mất mật khẩu", "lấy lại pass")
    assert guides.guides["mat_khau"].phrases_count == 2


def test_office_is_open_by_its_hours_and_holidays(root: Path) -> None:
    office = load(root).offices["xa_mau"]

    def is_open(day: int, hour: int, minute: int = 0) -> bool:
        return office.is_open(datetime(2026, 11, day, hour, minute, tzinfo=LOCAL_TIME))

    assert is_open(23, 7, 30)
    assert not is_open(23, 7, 29)
    assert is_open(23, 11, 29)
    assert not is_open(23, 11, 30)
    assert is_open(23, 13, 30)
    assert not is_open(24, 9), "holiday"
    assert is_open(25, 9)
    assert not is_open(28, 9), "Saturday"
    assert office.hours[0][0] == (time(7, 30), time(11, 30))


def test_empty_office_value_counts_as_missing(tmp_path: Path) -> None:
    office = make_office(values={**make_office().values, "sdt_tu_phap": ""})
    root = write_content(tmp_path, make_guides(), [office])
    assert "sdt_tu_phap" not in load(root).offices["xa_mau"].values


def folder_of(root: Path, *, today: Callable[[], date] = lambda: TODAY) -> ContentFolder:
    return ContentFolder(root, today=today, look_every_s=0)


def touch(path: Path) -> None:
    """Gives the file a time of change that differs from before, however fast the test is."""
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))


def test_changed_file_is_in_force_at_the_next_look(root: Path) -> None:
    folder = folder_of(root)
    assert folder.current().guides.guides["mat_khau"].title == "Quên mật khẩu"
    change(root / GUIDE, 'title: "Quên mật khẩu"', 'title: "Mất mật khẩu"')
    touch(root / GUIDE)
    assert folder.current().guides.guides["mat_khau"].title == "Mất mật khẩu"


def test_new_and_deleted_files_are_seen(root: Path) -> None:
    folder = folder_of(root)
    (root / GUIDE).unlink()
    assert "mat_khau" not in folder.current().guides.guides
    (root / GUIDE).write_text(guide_file(make_guide()), encoding="utf-8")
    assert "mat_khau" in folder.current().guides.guides


def test_unchanged_folder_is_not_read_again(root: Path) -> None:
    folder = folder_of(root)
    assert folder.current() is folder.current()


def test_folder_is_looked_at_no_more_often_than_asked(root: Path) -> None:
    folder = ContentFolder(root, today=lambda: TODAY, look_every_s=3600)
    first = folder.current()
    (root / GUIDE).unlink()
    assert folder.current() is first


def test_new_day_makes_the_content_be_judged_again(tmp_path: Path) -> None:
    root = write_content(tmp_path, make_guides())
    days = [TODAY]
    folder = folder_of(root, today=lambda: days[-1])
    first = folder.current()
    days.append(date(2026, 11, 24))
    assert folder.current() is not first


def no_replies(root: Path) -> None:
    (root / "replies.yaml").write_text("a: [", encoding="utf-8")


def reply_gone(root: Path) -> None:
    guides = make_guides()
    write_content(root, replace(guides, replies={
        k: r for k, r in guides.replies.items() if k != "office_missing"
    }))  # fmt: skip


def question_gone(root: Path) -> None:
    guides = make_guides()
    write_content(root, replace(guides, replies={
        k: r for k, r in guides.replies.items() if k != "clarify_one"
    }))  # fmt: skip


def reply_broken(root: Path) -> None:
    change(root / "replies.yaml", "xã chưa cập nhật, gọi {{ sdt_ttpvhcc }}", "{{ ten_xa }}")


UNUSABLE = [
    no_replies,
    reply_gone,
    question_gone,
    reply_broken,
    lambda root: (root / "intents.yaml").unlink(),
    lambda root: (root / "offices" / "xa_mau.yaml").unlink(),
    lambda root: root.rename(root.with_name("away")),
]


@pytest.mark.parametrize("break_it", UNUSABLE)
def test_unusable_folder_leaves_the_last_good_content_in_force(
    root: Path, break_it: Callable[[Path], object]
) -> None:
    folder = folder_of(root)
    good = folder.current()
    break_it(root)
    assert folder.current() is good


@pytest.mark.parametrize("break_it", UNUSABLE)
def test_folder_unusable_from_the_start_is_refused(
    root: Path, break_it: Callable[[Path], object]
) -> None:
    break_it(root)
    with pytest.raises(ContentError):
        folder_of(root).current()


def test_mended_folder_is_in_force_again(root: Path) -> None:
    folder = folder_of(root)
    folder.current()
    text = (root / "replies.yaml").read_bytes()
    no_replies(root)
    folder.current()
    (root / "replies.yaml").write_bytes(text.replace("Câu menu.".encode(), "Chọn:".encode()))
    assert folder.current().guides.replies["menu"].text == "Chọn:"


def test_one_broken_guide_does_not_hold_back_the_others(root: Path) -> None:
    folder = folder_of(root)
    folder.current()
    (root / GUIDE).write_text("x", encoding="utf-8")
    change(root / "facts" / "all.yaml", "12.000 đồng", "13.000 đồng")
    touch(root / "facts" / "all.yaml")
    content = folder.current()
    assert content.guides.facts["phi"].value == "13.000 đồng"
    assert content.problems == (
        Problem(path=GUIDE, message="thiếu phần đầu tệp giữa hai dòng ---"),
    )


def test_written_guide_with_everything_comes_back_equal(tmp_path: Path) -> None:
    guides = make_guides(facts={"phi": make_fact(value="no")})
    steps = (make_step("a", lines=("Một.", "Hai."), errors=("x: y", "z: t")),)
    guides = replace(guides, guides={**guides.guides, "mat_khau": make_guide(steps=steps)})
    content = load(write_content(tmp_path, guides))
    assert content.guides.guides["mat_khau"].steps == steps
    assert content.guides.intents["lua_dao"].act is Act.SAFETY


def test_only_a_changed_file_is_read_again(root: Path) -> None:
    files = Files()
    first = load_content(root, TODAY, files)
    assert load_content(root, TODAY, files) == first
    path = root / GUIDE
    change(path, "Quên mật khẩu", "Quên mật khẩẩu")
    os.utime(path, ns=(1, 1))
    second = load_content(root, TODAY, files)
    assert second == load_content(root, TODAY)
    assert second.guides.guides["mat_khau"].title == "Quên mật khẩẩu"
    assert second.guides.guides["luong"] is first.guides.guides["luong"]
    # Time and size are all that is looked at: a file that keeps both is taken for the same.
    size = path.stat().st_size
    path.write_text("x" * size, encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert load_content(root, TODAY, files) == second
    os.utime(path, ns=(2, 2))
    assert "mat_khau" not in load_content(root, TODAY, files).guides.guides


def test_file_that_is_gone_or_unreadable_is_not_remembered(root: Path) -> None:
    files = Files()
    assert load_content(root, TODAY, files).problems == ()
    text = (root / GUIDE).read_text(encoding="utf-8")
    (root / GUIDE).write_bytes(b"\xff\xfe\xff")
    assert [p.path for p in load_content(root, TODAY, files).problems] == [GUIDE]
    (root / GUIDE).write_text(text, encoding="utf-8")
    assert load_content(root, TODAY, files).problems == ()
