"""Each rule for content: it speaks up when broken, and is silent about good content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from bot.checks import (
    MAX_ANSWER,
    MAX_TITLE,
    NEEDED_REPLIES,
    Problem,
    check_content,
)
from bot.guides import Act, Guide, GuideSet, Intent, PreparedReply, Variant
from bot.messages import MAX_CHARS, MAX_TITLE_CHARS
from bot.offices import Hamlet, Office
from tests.bot.builders import TODAY, make_fact, make_guide, make_guides, make_office, make_step


def problems(guides: GuideSet, *offices: Office) -> list[Problem]:
    return check_content(guides, offices or (make_office(),), TODAY)


def with_guide(guide: Guide) -> GuideSet:
    guides = make_guides()
    return replace(guides, guides={**guides.guides, guide.intent: guide})


def with_reply(key: str, text: str, *choices: str) -> GuideSet:
    guides = make_guides()
    reply = PreparedReply(key=key, text=text, choices=choices)
    return replace(guides, replies={**guides.replies, key: reply})


def with_intent(intent: Intent) -> GuideSet:
    guides = make_guides()
    return replace(guides, intents={**guides.intents, intent.name: intent})


def test_good_content_has_no_problem() -> None:
    assert problems(make_guides()) == []


def test_problem_reads_like_a_line_for_an_officer() -> None:
    assert str(Problem(path="guides/x/guide.md", message="thiếu help")) == (
        "[LỖI] guides/x/guide.md: thiếu help"
    )


@pytest.mark.parametrize(
    ("intent", "message"),
    [
        (Intent(name="x", topic="la", act=Act.GUIDE, label="việc x"), "chủ đề la"),
        (
            Intent(name="x", topic="vneid", act=Act.GUIDE, label="x" * (MAX_TITLE_CHARS + 1)),
            "dài quá 35",
        ),
        (Intent(name="x", topic="vneid", act=Act.GUIDE, label="Quen Mat-Khau"), "trùng tên"),
        (Intent(name="việc-x", topic="vneid", act=Act.GUIDE, label="việc x"), "a-z"),
        (Intent(name="x", topic="vneid", act=Act.GUIDE, label="hỏi Công an huyện"), "đã bỏ"),
        (Intent(name="x", topic="vneid", act=Act.GUIDE, label="hồ sơ DVC"), "viết tắt DVC"),
    ],
)
def test_intent_rules(intent: Intent, message: str) -> None:
    found = problems(with_intent(intent))
    assert [p.path for p in found] == ["intents.yaml"]
    assert message in found[0].message


def test_label_of_exactly_the_longest_length_is_fine() -> None:
    intent = Intent(name="x", topic="vneid", act=Act.GUIDE, label="x" * MAX_TITLE_CHARS)
    assert problems(with_intent(intent)) == []


@pytest.mark.parametrize("key", NEEDED_REPLIES)
def test_every_needed_reply_is_missed(key: str) -> None:
    guides = make_guides()
    replies = {k: r for k, r in guides.replies.items() if k != key}
    assert Problem(path="replies.yaml", message=f"thiếu câu {key}") in problems(
        replace(guides, replies=replies)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Phí {{ khong_co }}.", "dữ kiện khong_co chưa có"),
        ("Phí {{ phi | upper }}.", "chỉ được dùng"),
        ("Phí {{ phi .", "viết chưa đúng"),
        ("Phí {# nhớ sửa #}.", "chỉ được dùng"),
        ("Lên Công an huyện.", "cơ quan đã bỏ: Công an huyện"),
        ("Hỏi Ủy ban cấp huyện.", "cơ quan đã bỏ"),
        ("Hỏi bảo hiểm xã hội quận.", "cơ quan đã bỏ"),
        ("Theo Luật Căn cước công dân.", "hết hiệu lực: Luật Căn cước công dân"),
        ("Bấm số 1800.", "“1800” phải là dữ kiện"),
        ("Gọi 0912 345 678.", "số điện thoại “0912 345 678” phải là dữ kiện"),
        ("Mang CCCD cũ tới.", "chữ viết tắt CCCD"),
        ("Bà con vui lòng chờ.", "khó hiểu"),
        (f"{'chờ ' * 23}ạ.", "câu dài 24 tiếng"),
        ("Bấm <b>Mở</b>.", "HTML"),
        ("Một dòng<br/>hai dòng.", "HTML"),
        ('<a href="x">đây</a>', "HTML"),
    ],
)
def test_reply_text_rules(text: str, message: str) -> None:
    found = problems(with_reply("menu", text))
    assert len(found) == 1
    assert found[0].path == "replies.yaml"
    assert message in found[0].message


@pytest.mark.parametrize("text", ["Gọi {{ sdt_ttpvhcc }}.", "a < b > c, <= d.", "Mức 2, bước 3."])
def test_reply_may_use_office_values_and_plain_signs(text: str) -> None:
    assert problems(with_reply("menu", text)) == []


def test_only_replies_about_one_matter_may_name_it() -> None:
    assert problems(with_reply("no_guide", "Về {{ label }}.")) == []
    assert "dữ kiện label chưa có" in problems(with_reply("menu", "Về {{ label }}."))[0].message


@pytest.mark.parametrize("key", ["office_missing", "expired_fact"])
def test_reply_that_stands_in_for_a_value_needs_no_other_value_than_the_phone(key: str) -> None:
    assert problems(with_reply(key, "hỏi {{ sdt_ttpvhcc }}")) == []
    found = problems(with_reply(key, "hỏi {{ ten_ttpvhcc }}"))
    assert [p.message for p in found] == [
        f"{key}: chỉ được dùng {{{{ sdt_ttpvhcc }}}}, gặp ten_ttpvhcc"
    ]


def test_reply_that_offers_nothing_known_is_reported() -> None:
    found = problems(with_reply("menu", "Chọn:", "vneid", "mat_khau", "la_hoac"))
    assert [p.message for p in found] == ["menu: lựa chọn la_hoac lạ"]


def test_reply_too_long_for_one_message_is_reported() -> None:
    assert problems(with_reply("menu", "x" * MAX_CHARS)) == []
    found = problems(with_reply("menu", "x" * (MAX_CHARS + 1)))
    assert "menu: dài quá 1800" in found[0].message


def test_office_values_count_for_the_length_of_a_reply() -> None:
    office = make_office(values={**make_office().values, "gio_lam_viec": "x" * MAX_CHARS})
    assert any(
        p.path == "replies.yaml" and "menu: dài quá" in p.message
        for p in problems(with_reply("menu", "Giờ: {{ gio_lam_viec }}."), office)
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "sdt_ttpvhcc"}, "trùng tên với dữ liệu của xã"),
        ({"review_by": date(2026, 11, 1)}, "hạn xem lại phải sau"),
        ({"value": "Công an huyện"}, "cơ quan đã bỏ"),
        ({"value": "vneid.com"}, "địa chỉ web lạ"),
        ({"value": "Nghị định 13/2023/NĐ-CP"}, "văn bản hết hiệu lực"),
        ({"value": ""}, "giá trị trống"),
        ({"value": "{{ phi }}"}, "giá trị trống hoặc có dấu"),
    ],
)
def test_fact_rules(changes: dict[str, object], message: str) -> None:
    fact = make_fact(**changes)
    facts = {"phi": make_fact(), fact.name: fact}
    found = problems(replace(make_guides(), facts=facts))
    assert message in found[0].message
    assert found[0].path == "facts"


def test_sentence_twice_is_reported_even_in_other_spelling() -> None:
    guides = replace(
        make_guides(),
        phrases={"mat_khau": ("Quên mật khẩu!", "em quên pass"), "cai_app": ("quen mat khau",)},
    )
    assert [p.path for p in problems(guides)] == ["guides/cai_app/phrases.yaml"]


def test_exam_sentence_may_not_be_learnt_from() -> None:
    guides = replace(
        make_guides(),
        phrases={"mat_khau": ("Quên mật khẩu",)},
        expect={"mat_khau": ("quên mật khẩu?",), "cai_app": ("cài sao",)},
    )
    found = problems(guides)
    assert [p.path for p in found] == ["guides/mat_khau/expect.yaml"]
    assert "guides/mat_khau/phrases.yaml" in found[0].message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": {**make_office().values, "la": "x"}}, "mục la lạ"),
        ({"values": {"ten_xa": "x"}}, "chưa điền"),
        ({"values": {**make_office().values, "ten_xa": "{{ x }}"}}, "ten_xa: giá trị có dấu"),
        ({"hours": ((),) * 7}, "chưa có giờ làm việc"),
        ({"values": {**make_office().values, "diem_chi_tra": "UBND huyện"}}, "cơ quan đã bỏ"),
        ({"values": {**make_office().values, "diem_chi_tra": "UBND xã"}}, "chữ viết tắt UBND"),
        ({"values": {**make_office().values, "ban_do_ttpvhcc": "maps.xyz"}}, "địa chỉ web lạ"),
        ({"hamlets": (Hamlet(name="Thôn Trên", team="Công an huyện"),)}, "cơ quan đã bỏ"),
    ],
)
def test_office_rules(changes: dict[str, object], message: str) -> None:
    found = problems(make_guides(), make_office(**changes))
    assert found
    assert {p.path for p in found} == {"offices/xa_mau.yaml"}
    assert any(message in p.message for p in found)


def test_two_offices_may_not_share_an_account() -> None:
    found = problems(make_guides(), make_office(), make_office(slug="xa_khac"))
    assert [p.path for p in found] == ["offices/xa_khac.yaml"]
    other = make_office(slug="xa_khac", oa_id="1")
    assert problems(make_guides(), make_office(), other) == []


TWO = (
    Variant(id="a", title="Máy A", words=("a1",)),
    Variant(id="b", title="Máy B", words=("b1",)),
)
ONLY_A = (make_step("s1", variants=frozenset({"a"})),)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": ""}, "thiếu answer"),
        ({"safety": ""}, "thiếu safety"),
        ({"help": ""}, "thiếu help"),
        ({"title": "x" * (MAX_TITLE + 1)}, "tên dài quá 60"),
        ({"answer": "x" * (MAX_ANSWER + 1)}, "câu trả lời đầu dài quá 220"),
        ({"review_by": date(2026, 11, 2)}, "hạn xem lại phải sau"),
        ({"related": ("la_hoac",)}, "liên quan la_hoac không có"),
        ({"steps": ()}, "chưa có bước nào"),
        ({"steps": (make_step(), make_step())}, "hai bước cùng mã mo"),
        ({"steps": (make_step(lines=()),)}, "bước mo chưa có việc nào"),
        ({"steps": (make_step(variants=frozenset({"x"})),)}, "trường hợp x chưa khai báo"),
        ({"variants": TWO, "steps": ONLY_A}, "trường hợp Máy B không có bước nào"),
        ({"variants": (TWO[0], replace(TWO[1], id="a"))}, "hai trường hợp cùng mã"),
        ({"variants": (replace(TWO[0], id="Máy-A"),)}, "mã trường hợp Máy-A"),
        (
            {"variants": (replace(TWO[0], title="x" * (MAX_TITLE_CHARS + 1)),)},
            "tên trường hợp dài quá 35",
        ),
        ({"fee": "{{ la_hoac }}"}, "dữ kiện la_hoac chưa có"),
        ({"fee": "{% if phi %}a{% endif %}"}, "chỉ được dùng"),
        ({"help": "Gọi 0912 345 678."}, "số điện thoại “0912 345 678”"),
        ({"help": "Gọi 1900.0368."}, "số điện thoại"),
        ({"fee": "12.000 đồng"}, "số tiền"),
        ({"fee": "giảm 50%"}, "số tiền “50%”"),
        ({"duration": "3 ngày"}, "thời hạn “3 ngày”"),
        ({"audience": "Người từ 75 tuổi."}, "thời hạn “75 tuổi”"),
        ({"legal": "Nghị định 69/2024/NĐ-CP"}, "số văn bản “69/2024”"),
        ({"answer": "Vào dichvucong.gov.vn."}, "địa chỉ web “dichvucong.gov.vn”"),
        ({"answer": "Lên Công an thị xã."}, "cơ quan đã bỏ"),
        ({"legal": "Luật 20/2021"}, "hết hiệu lực"),
        ({"answer": "Bấm <i>Mở</i>."}, "HTML"),
        ({"steps": (make_step(lines=("Chờ 5 phút.",)),)}, "thời hạn “5 phút”"),
        ({"steps": (make_step(errors=("Lỗi: gọi 0243 825 1234.",)),)}, "số điện thoại"),
        ({"steps": (make_step(title="Nộp 2 triệu"),)}, "số tiền"),
        ({"steps": (make_step(),)}, "có 1 bước, cần từ 2 đến 8"),
        ({"steps": tuple(make_step(f"s{n}") for n in range(9))}, "có 9 bước"),
        ({"safety": "Không đưa mã OTP cho ai."}, "“OTP” chưa được giải nghĩa"),
        ({"audience": "Công dân thường trú."}, "“Công dân” khó hiểu"),
        ({"help": "Hỏi BHXH."}, "chữ viết tắt BHXH"),
        ({"answer": f"{'chờ ' * 23}."}, "câu dài 23 tiếng"),
        (
            {"steps": (make_step(lines=("Bấm A rồi chọn B rồi gõ C.",)), make_step("s2"))},
            "nhiều việc",
        ),
        ({"help": "Mang sổ hộ khẩu tới xã."}, "nhắc tên cũ"),
        ({"help": "Mở dichvucong.com."}, "địa chỉ web lạ: dichvucong.com"),
        ({"bring": ("Ảnh chụp trong 6 tháng",)}, "thời hạn"),
    ],
)
def test_guide_rules(changes: dict[str, object], message: str) -> None:
    found = problems(with_guide(make_guide(**changes)))
    assert {p.path for p in found} == {"guides/mat_khau/guide.md"}
    assert any(message in p.message for p in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x" * MAX_TITLE},
        {"answer": "x" * MAX_ANSWER},
        {"answer": "Mã có 6 chữ số, mức 2, bấm 2 lần."},
        {"fee": "{{ phi }}", "help": "Gọi {{ sdt_ttpvhcc }} hoặc {{ sdt_cong_an_xa }}."},
        {"related": ()},
        {"bring": ()},
        {"answer": "Huyện nào cũng làm được, hỏi Công an xã."},
        {
            "variants": TWO,
            "steps": (make_step(), *ONLY_A, make_step("s2", variants=frozenset({"b"}))),
        },
    ],
)
def test_guide_within_the_rules_is_left_alone(changes: dict[str, object]) -> None:
    assert problems(with_guide(make_guide(**changes))) == []


def too_long(lines: int) -> Guide:
    long = (make_step(f"s{n}", lines=("x" * 1_700,)) for n in range(lines))
    return make_guide(steps=(*long, make_step()))


def test_guide_too_long_for_its_messages_is_reported_once_for_each_office() -> None:
    assert problems(with_guide(too_long(1))) == []
    offices = (make_office(), make_office(slug="xa_khac", oa_id="1"))
    found = problems(with_guide(too_long(4)), *offices)
    assert len(found) == 2
    assert "dài quá 3 tin nhắn" in found[0].message
    assert "xã xa_khac" in found[1].message


def test_no_office_is_rendered_by_itself_where_the_longest_values_of_all_fit() -> None:
    values = make_office().values
    offices = tuple(
        make_office(slug=f"xa_{n}", oa_id=str(n), values={**values, name: "x" * 300})
        for n, name in enumerate(("ten_xa", "to_cns_thon", "sdt_ttpvhcc"))
    )
    help = "Hỏi {{ ten_xa }}, {{ to_cns_thon }}, {{ sdt_ttpvhcc }}."
    assert problems(with_guide(make_guide(help=help)), *offices) == []


def test_values_that_are_too_long_only_together_are_no_problem_of_any_office() -> None:
    values = make_office().values
    offices = tuple(
        make_office(slug=f"xa_{n}", oa_id=str(n), values={**values, name: "x" * 1_000})
        for n, name in enumerate(("ten_xa", "to_cns_thon"))
    )
    help = "Hỏi {{ ten_xa }}, {{ to_cns_thon }}."
    assert problems(with_guide(make_guide(help=help)), *offices) == []
    assert problems(with_reply("menu", help), *offices) == []
    both = make_office(values={**values, "ten_xa": "x" * 1_000, "to_cns_thon": "x" * 1_000})
    assert "xã xa_mau" in problems(with_guide(make_guide(help=help)), *offices, both)[0].message


def test_long_value_of_one_office_is_found_where_it_breaks_a_guide() -> None:
    office = make_office(values={**make_office().values, "to_cns_thon": "x" * 1_900})
    found = problems(with_guide(make_guide(help="Hỏi {{ to_cns_thon }}.")), office)
    assert [p.path for p in found] == ["guides/mat_khau/guide.md"]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda g: replace(g, replies={}),
        lambda g: replace(g, intents={}),
        lambda g: replace(g, topics={}),
        lambda g: replace(g, facts={}),
        lambda g: replace(
            g,
            replies={
                **g.replies,
                "office_missing": PreparedReply(key="office_missing", text="{{ x }}"),
            },
        ),
    ],
)
def test_checking_survives_content_with_holes(break_it: Callable[[GuideSet], GuideSet]) -> None:
    assert problems(break_it(make_guides()))
