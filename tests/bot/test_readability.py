"""What a seventy-year-old can read: each rule speaks up, and leaves good lines alone."""

from __future__ import annotations

import pytest

from bot.doctor import HEAVIEST, check
from bot.guides import Variant
from bot.readability import (
    JARGON,
    KNOWN_ABBREVIATIONS,
    LOWER_CASE_ABBREVIATIONS,
    MAX_LINE,
    MAX_SENTENCE,
    Jargon,
    check_guide,
    check_sentences,
    check_words,
    line_problem,
    measure,
    unexplained_terms,
)
from bot.settings import read_settings
from tests.bot.builders import CONTENT, make_guide, make_step, shipped_content


def words(count: int) -> str:
    return " ".join(["chờ"] * count)


def test_sentence_of_the_longest_length_is_fine_and_one_syllable_more_is_not() -> None:
    assert check_sentences(f"{words(MAX_SENTENCE)}.") == ()
    assert check_sentences(f"{words(MAX_SENTENCE + 1)}.") != ()


@pytest.mark.parametrize("end", [". ", "! ", "? ", "… ", ".\n", "\n", ".” ", "?) "])
def test_sentences_end_where_a_reader_stops(end: str) -> None:
    assert check_sentences(f"{words(MAX_SENTENCE)}{end}{words(MAX_SENTENCE)}") == ()


@pytest.mark.parametrize("joint", [", ", "; ", ": ", " – ", " (", "1.000 "])
def test_comma_and_number_do_not_end_a_sentence(joint: str) -> None:
    assert check_sentences(f"{words(12)}{joint}{words(12)}") != ()


def test_fact_weighs_one_syllable_however_long_its_name_is() -> None:
    assert check_sentences(f"{words(MAX_SENTENCE - 1)} {{{{ luat_bao_ve_du_lieu }}}}.") == ()
    assert check_sentences(f"{words(MAX_SENTENCE)} {{{{ luat_bao_ve_du_lieu }}}}.") != ()


@pytest.mark.parametrize("jargon", JARGON, ids=lambda j: j.word)
def test_every_word_of_offices_is_found_with_the_plain_word_and_the_reason(jargon: Jargon) -> None:
    for word in jargon.word.replace("(?:tùy|tuỳ)", "tùy").split("|"):
        found = check_words(f"Bà con {word} ở xã.")
        assert any(jargon.instead in f and jargon.why in f for f in found), word
        assert check_words(f"{word.capitalize()} ở xã.") != ()


@pytest.mark.parametrize(
    "text",
    [
        "Diện “công dân số” được giảm phí.",
        "Thẻ căn cước công dân cũ còn hạn.",
        "Báo **không tương thích**: máy cũ quá.",
        "Bấm **Dịch vụ công trực tuyến**.",
        "Đưa thẻ cho cán bộ xem.",
        "{{ thuc_hien_dvc }}",
    ],
)
def test_names_and_buttons_are_not_our_words(text: str) -> None:
    assert check_words(text) == ()


@pytest.mark.parametrize(
    "token",
    ["UBND", "CCCD", "BHXH", "BHYT", "DVC", "TTHC", "NĐ", "ĐKTT", "ANTT", "OA", "BH", "HTX", "TT02",
     "stk", "sđt", "ubnd", "tthc", "v.v"],
)  # fmt: skip
def test_abbreviation_is_named(token: str) -> None:
    assert check_words(f"Hỏi {token} ở xã.") == (f"chữ viết tắt {token}: viết đủ chữ",)


@pytest.mark.parametrize(
    "token",
    [*sorted(KNOWN_ABBREVIATIONS), "CH Play", "CT01", "CT07", "TK01", "Zalo", "App Store", "A", "Đ",
     "VNeID", "iPhone", "Nghị định 69/2024/NĐ-CP", "Quyết định 31/QĐ-BYT", "**ANTT**", "**BH MK**"],
)  # fmt: skip
def test_what_is_printed_on_screens_cards_and_laws_may_stand(token: str) -> None:
    assert check_words(f"Mở {token} ở nhà.") == ()


def test_no_abbreviation_is_both_known_and_refused() -> None:
    assert not KNOWN_ABBREVIATIONS & LOWER_CASE_ABBREVIATIONS


@pytest.mark.parametrize(
    "line",
    [
        "Bấm **Mở**.",
        "Bấm **Mở** rồi chọn **Đồng ý**.",
        "Chờ hết giờ. Bấm gửi lại một lần.",
        "Nơi tới: {{ ten_ttpvhcc }}. Địa chỉ: {{ dia_chi_ttpvhcc }}. Xã khác cũng làm được.",
        "Mức tăng: {{ luong_huu_tang }}. Tính từ: {{ luong_huu_tang_tu }}. Xem ở tin nhắn.",
        words(MAX_LINE),
    ],
)
def test_line_with_one_action_is_left_alone(line: str) -> None:
    assert line_problem(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "Bấm **Mở** rồi chọn **Đồng ý** rồi gõ mã.",
        "Bấm mở, sau đó chọn đồng ý rồi gõ mã.",
        "Mở máy. Bấm nút. Gõ mã.",
        words(MAX_LINE + 1),
    ],
)
def test_line_with_several_actions_is_reported(line: str) -> None:
    assert line_problem(line) is not None
    guide = make_guide(steps=(make_step(lines=(line,)), make_step("s2")))
    assert any("bước mo" in problem for problem in check_guide(guide))


def unexplained(**changes: object) -> list[str]:
    return [p.split("”")[0].lstrip("“") for p in unexplained_terms(make_guide(**changes))]


@pytest.mark.parametrize(
    "answer",
    [
        "Nhập mã OTP (mã gửi về điện thoại).",
        "Nhập mã gửi về máy (OTP).",
        "OTP là mã gửi về điện thoại.",
        "OTP: mã gửi về điện thoại.",
        "Mã gửi về máy gọi là OTP.",
        "Nhập mã OTP gửi về máy.",
        "Nhập mã **OTP** (mã gửi về máy).",
    ],
)
def test_term_is_explained_in_any_usual_way(answer: str) -> None:
    assert unexplained(answer=answer, safety="Không đưa OTP cho ai.") == []


@pytest.mark.parametrize(
    "answer",
    ["Nhập mã OTP.", "Nhập OTP vào ô. Xong thì bấm gửi (nút xanh).", "Không đưa OTP, mật khẩu."],
)
def test_term_without_its_meaning_is_reported(answer: str) -> None:
    assert unexplained(answer=answer) == ["OTP"]


def test_meaning_comes_where_the_term_is_first_read_not_later() -> None:
    steps = (make_step(lines=("Nhập mã OTP (mã gửi về điện thoại).",)), make_step("s2"))
    assert unexplained(steps=steps, safety="Không đưa OTP.") == []
    assert unexplained(steps=steps, answer="Cần mã OTP.") == ["OTP"]


def test_step_explains_a_term_of_its_own_title() -> None:
    steps = (make_step(title="Nhập OTP", lines=("OTP là mã gửi về.",)), make_step("s2"))
    assert unexplained(steps=steps) == []


def test_guide_about_a_term_and_a_word_to_the_helper_need_no_meaning() -> None:
    assert unexplained(title="Không nhận được mã OTP", answer="Chờ mã OTP.") == []
    assert unexplained(helper="Để bố mẹ tự nhập OTP.") == []


def test_battery_is_not_a_secret_number() -> None:
    assert unexplained(answer="Sạc pin trước.") == []
    assert unexplained(answer="Giữ mã PIN.") == ["PIN"]


def test_steps_are_counted_for_each_case() -> None:
    cases = (Variant(id="a", title="Máy A", words=()), Variant(id="b", title="Máy B", words=()))
    only_a = tuple(make_step(f"a{n}", variants=frozenset({"a"})) for n in range(8))
    one_b = make_step("b", variants=frozenset({"b"}))
    assert check_guide(make_guide(variants=cases, steps=(*only_a, one_b))) == (
        "có 1 bước (trường hợp Máy B), cần từ 2 đến 8",
    )
    assert check_guide(make_guide(variants=cases, steps=(make_step(), *only_a[:7], one_b))) == ()


def test_measure_counts_every_sentence_and_the_steps_of_the_longest_case() -> None:
    cases = (Variant(id="a", title="Máy", words=()), Variant(id="b", title="Máy", words=()))
    steps = (
        make_step(title="Mở", lines=("Bấm. Chờ một chút.",), errors=("Lỗi: mở lại.",)),
        make_step("x", title="Xong", lines=(), variants=frozenset({"b"})),
    )
    guide = make_guide(
        title="Tên", answer="Làm ngay.", audience="", bring=(), fee="{{ phi }}", safety="", help="",
        variants=cases, steps=steps,
    )  # fmt: skip
    # Tên 1, Làm ngay 2, phí 1, Máy 1 + 1, Mở 1, Bấm 1, Chờ một chút 3, Xong 1, Lỗi: mở lại 3.
    measured = measure(guide)
    assert (measured.sentences, measured.longest, measured.steps) == (10, 3, 2)
    assert measured.mean == pytest.approx(15 / 10)


def test_guide_of_nothing_is_measured_too() -> None:
    empty = dict.fromkeys(("title", "answer", "audience", "fee", "safety", "help"), "")
    measured = measure(make_guide(**empty, bring=(), steps=()))
    assert (measured.mean, measured.longest, measured.sentences, measured.steps) == (0, 0, 0, 0)


def test_shipped_guides_are_light_to_read() -> None:
    for guide in shipped_content().guides.guides.values():
        assert measure(guide).mean <= 13, guide.intent


def test_check_says_how_heavy_the_guides_are(capsys: pytest.CaptureFixture[str]) -> None:
    settings = read_settings({"CONTENT_DIR": str(CONTENT)})
    check(settings)
    few = capsys.readouterr().out
    check(settings, all_guides=True)
    every = capsys.readouterr().out
    intents = shipped_content().guides.guides
    assert sum(f"  {intent}: trung bình" in few for intent in intents) == HEAVIEST
    assert all(f"  {intent}: trung bình" in every for intent in intents)
