"""What must be covered, what must stay, and what redaction promises for any text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.privacy import hash_citizen, redact
from tests.bot.builders import shipped_content

# Text, and the part of it that must be gone. All numbers are made up.
COVERED = [
    ("số căn cước 001090012345", "001090012345"),
    ("cccd 001 090 012 345 nhé", "001 090 012 345"),
    ("cccd 001-090-012-345", "001-090-012-345"),
    ("cc: 001.090.012.345", "001.090.012.345"),
    ("can cuoc 001090 012345", "001090 012345"),
    ("cccd của mẹ là 001 090 012345", "001 090 012345"),
    ("0010 9001 2345 của ba tôi", "0010 9001 2345"),
    ("dinh danh 001090012345 tra giup", "001090012345"),
    ("căn cước 001\u00a0090\u00a0012\u00a0345 chép từ web", "001\u00a0090\u00a0012\u00a0345"),
    ("cccd 001  090  012  345", "001  090  012  345"),
    ("cmnd 123456789 còn hạn không", "123456789"),
    ("chứng minh thư 123 456 789", "123 456 789"),
    ("cmt cũ là 123.456.789", "123.456.789"),
    ("chung minh nhan dan so 012345678", "012345678"),
    ("gọi lại 0912345678", "0912345678"),
    ("sđt 0912 345 678", "0912 345 678"),
    ("sdt 0912.345.678 nha", "0912.345.678"),
    ("0912-345-678", "0912-345-678"),
    ("0912–345–678 gọi giúp", "0912–345–678"),
    ("so em 09 12 34 56 78", "09 12 34 56 78"),
    ("dt 0912_345_678", "0912_345_678"),
    ("zalo +84912345678", "+84912345678"),
    ("+84 912 345 678", "+84 912 345 678"),
    ("0084 912345678", "0084 912345678"),
    ("84912345678", "84912345678"),
    ("máy bàn 024 3825 1234", "024 3825 1234"),
    ("máy bàn (024) 3825 1234", "3825 1234"),
    ("dt ban 02343822123", "02343822123"),
    ("mã số bhxh 0123456789", "0123456789"),
    ("sổ bhxh 7912345678", "7912345678"),
    ("bao hiem xa hoi so 2345678901", "2345678901"),
    ("thẻ bhyt GD4010112345678", "GD4010112345678"),
    ("BHYT HT 2 01 01 1234 5678 9", "HT 2 01 01 1234 5678 9"),
    ("bhyt gd401 0112345678", "gd401 0112345678"),
    ("stk 123456789012 agribank", "123456789012"),
    ("số tài khoản: 3600 2051 2345 6", "3600 2051 2345 6"),
    ("so tk 19034567890123", "19034567890123"),
    ("agribank 3600205123456 tên mẹ", "3600205123456"),
    ("chuyển vào vietcombank 0071000123456", "0071000123456"),
    ("mbbank 8888123456", "8888123456"),
    ("tài khoản bidv 12410001234567", "12410001234567"),
    ("thẻ 9704 0512 3456 7890", "9704 0512 3456 7890"),
    ("so the 9704051234567890123", "9704051234567890123"),
    ("thẻ visa 4111-1111-1111-1111", "4111-1111-1111-1111"),
    ("otp 482913", "482913"),
    ("mã otp là 482 913", "482 913"),
    ("ma otp cua bac la 4829", "4829"),
    ("nó nhắn 482913 là mã otp", "482913"),
    ("mã xác nhận 482913 phải không", "482913"),
    ("ma xac thuc la 482913 a", "482913"),
    ("mã kích hoạt: 482913", "482913"),
    ("ma kich hoat 4 8 2 9 1 3", "4 8 2 9 1 3"),
    ("mã otp 48-29-13", "48-29-13"),
    ("passcode 112233 mà không vô được", "112233"),
    ("mã pin 1122", "1122"),
    ("mật khẩu là Abc@1234", "Abc@1234"),
    ("mat khau: hoa1958", "hoa1958"),
    ("mk vneid của tôi là abc123", "abc123"),
    ("password = Qwerty12", "Qwerty12"),
    ("pass: matkhaucuatoi", "matkhaucuatoi"),
    ("mk: 0912345678", "0912345678"),
    ("sinh 12/5/1958", "12/5/1958"),
    ("ns 12-05-1958 quê ở xã", "12-05-1958"),
    ("ngày sinh: 12.05.58", "12.05.58"),
    ("sinh ngay 12/05/1958, cmnd 123456789", "123456789"),
    ("sn 1/2/1960", "1/2/1960"),
    ("số nhà 12 đường Hoa Mẫu, thôn Trên", "12 đường Hoa Mẫu"),
    ("nhà ở ngõ 15 phố Mẫu", "15 phố Mẫu"),
    ("hẻm 7 đường Mẫu", "7 đường Mẫu"),
    ("hồ sơ 000.00.12.H40-230915-0012 tới đâu", "000.00.12.H40-230915-0012"),
    ("ma ho so H40.12-230915-0012", "230915-0012"),
    ("gửi vào nguyen.mau@thu.example nhé", "nguyen.mau@thu.example"),
    ("số 12/5/1958 123 456 789 của bố", "123 456 789"),
    ("123456789012", "123456789012"),
]

KEPT = [
    "gọi tổng đài 1900.0368 được không",
    "tong dai 19000368",
    "1900 9068 có mất tiền không",
    "gọi 18001096",
    "gọi 113 ngay",
    "113 114 115 gọi số nào",
    "gọi 1022 hay 156 để báo",
    "nhắn tin tới 5656",
    "soạn tin gửi 1414",
    "lương hưu 5.200.000 đồng một tháng",
    "trợ cấp 500.000đ đúng không",
    "rút 2 triệu mất phí 1.100 đồng",
    "được 500k hay 1tr",
    "tien tro cap 500000 dong",
    "lĩnh 12500000 đồng",
    "còn 10 000 000 đồng trong sổ",
    "từ 1.200.000-1.500.000đ",
    "500 000 000 đồng tiền đất",
    "theo Nghị định 69/2024/NĐ-CP",
    "nghi dinh 20/2021",
    "Luật 26/2023/QH15 nói gì",
    "Quyết định 06/QĐ-TTg",
    "Thông tư 17/2024/TT-BCA",
    "công văn 623/TTg-KSTT",
    "hẹn ngày 20.11.2026 9 giờ sáng",
    "hẹn 09-11-2026 14 giờ",
    "hen tra ho so 15/12/2026",
    "nộp hôm 3/11, hẹn 17/11",
    "từ 01/07/2025 đến 31/12/2026",
    "giấy hẹn ghi 8h30 ngày 5/12",
    "7 giờ 30 đến 11 giờ 30",
    "bà 82 tuổi",
    "75 tuổi có được trợ cấp không",
    "cháu 6 tuổi làm căn cước chưa",
    "sinh năm 1958 thì được chưa",
    "tôi sinh 1950",
    "từ 2020 2021 2022 chưa nhận",
    "năm 2025 sáp nhập xã",
    "đăng ký mức 2",
    "muc 1 voi muc 2 khac gi",
    "đã làm 2 lần rồi",
    "passcode 6 số là gì",
    "thủ tục 1.001193 là gì",
    "mã thủ tục 2.000635",
    "chọn 3",
    "quên mật khẩu vneid thì làm sao",
    "mật khẩu là gì",
    "mat khau la bao nhieu ky tu",
    "đổi mật khẩu có mất tiền không",
    "không nhận được mã otp",
    "otp la gi vay",
    "mã otp có hạn mấy phút",
    "quên mã pin thẻ atm",
    "mã xác nhận gửi về máy nào",
    "số tài khoản của mẹ hỏi ai",
    "mở tài khoản agribank cần gì",
    "căn cước 12 số nằm ở đâu",
    "số bhxh xem ở đâu",
    "thẻ bhyt hết hạn",
    "máy samsung a05 không cài được",
    "iphone 6s ios 12.5.7",
    "thôn 5 xã mình ở đâu",
    "ngõ nhà tôi chưa có wifi",
    "nhà có 4 khẩu",
    "quét mã qr",
    "",
]


@pytest.mark.parametrize(("text", "secret"), COVERED)
def test_personal_data_is_covered(text: str, secret: str) -> None:
    redaction = redact(unicodedata.normalize("NFC", text))
    assert secret not in redaction.text
    assert redaction.labels
    digits = re.sub(r"\D", "", secret)
    left = re.sub(r"\D", "", redaction.text)
    assert len(digits) < 4 or digits[-4:] not in left


@pytest.mark.parametrize("text", KEPT)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    redaction = redact(text)
    assert redaction.text == text
    assert redaction.labels == ()
    assert not redaction.has_secret
    assert not redaction.has_identity


def test_tables_are_long_enough_to_mean_something() -> None:
    assert len(COVERED) >= 45
    assert len(KEPT) >= 45
    assert len({text for text, _ in COVERED}) == len(COVERED)


@pytest.mark.parametrize(
    ("text", "is_secret", "is_identity"),
    [
        ("otp 482913", True, True),
        ("mật khẩu là Abc@1234", True, True),
        ("thẻ 9704 0512 3456 7890", True, True),
        ("cccd 001090012345", False, True),
        ("sđt 0912345678", False, True),
        ("stk 123456789012", False, True),
        ("sinh 12/5/1958", False, False),
        ("hồ sơ 000.00.12.H40-230915-0012", False, False),
        ("số nhà 12 đường Mẫu", False, False),
        ("a@b.example", False, False),
    ],
)
def test_only_what_nobody_needs_is_worth_a_warning(
    text: str, is_secret: bool, is_identity: bool
) -> None:
    redaction = redact(text)
    assert (redaction.has_secret, redaction.has_identity) == (is_secret, is_identity)


def test_all_of_several_numbers_are_covered() -> None:
    redaction = redact("cccd 001090012345, sđt 0912345678, stk 123456789012, otp 482913")
    assert not re.search(r"\d", redaction.text)
    assert len(redaction.labels) == 4


def test_labels_come_in_the_order_of_the_text() -> None:
    assert redact("sđt 0912345678 cccd 001090012345").labels == ("DIEN_THOAI", "CAN_CUOC")


def test_hotline_beside_a_phone_stays_while_the_phone_goes() -> None:
    text = redact("gọi 1900.0368 không được, gọi lại tôi 0912345678").text
    assert "1900.0368" in text
    assert "0912345678" not in text


def test_emergency_number_inside_a_longer_number_saves_nothing() -> None:
    assert "113" not in redact("cmnd 201 113 456 nhé").text


def test_text_that_names_a_secret_loses_its_unnamed_digits_too() -> None:
    assert "77881" not in redact("mật khẩu với số 77881 em quên").text


@pytest.mark.parametrize("text", ["cccd 001090012345 làm vneid", "mật khẩu là Abc@1234 nha", "a"])
def test_text_for_the_model_has_no_covers(text: str) -> None:
    plain = redact(text).plain
    assert "[" not in plain
    assert "  " not in plain
    assert plain == plain.strip()


def test_plain_keeps_the_question_around_a_number() -> None:
    assert redact("số cccd 001090012345 làm vneid sao").plain == "số cccd làm vneid sao"


TEXTS = st.text(max_size=80) | st.lists(
    st.sampled_from(
        ["otp", "mật khẩu là", "stk", "cmnd", "1900", "0912", "345", "678", "113", "[OTP]", "/",
         "2026", ".", " ", "-", "₫", "đồng", "sinh", "a@b.c", "H40-123456-0012", "９", "số nhà",
         "\n"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(TEXTS)
@example("mật khẩu là 99999999999999999999999999")
@example("otp ٤٨٢٩١٣")
@example("\ud83d")
def test_any_text_is_redacted_without_an_error_and_only_once(text: str) -> None:
    once = redact(text)
    twice = redact(once.text)
    assert twice.text == once.text
    assert twice.labels == ()


@given(st.from_regex(r"\A0[35789][0-9]{8}\Z"), st.sampled_from(["", "sđt ", "gọi em ", "zalo: "]))
def test_no_mobile_number_gets_through(number: str, before: str) -> None:
    assert number not in redact(before + number).text


@given(st.from_regex(r"\A0[0-9]{11}\Z"), st.sampled_from(["", " ", "-", ".", "\u00a0"]))
def test_no_citizen_number_gets_through_whatever_stands_between_its_groups(
    number: str, gap: str
) -> None:
    written = gap.join(number[i : i + 3] for i in range(0, 12, 3))
    assert written not in redact(f"căn cước {written} ạ").text


def test_citizen_is_known_by_a_keyed_hash_only() -> None:
    assert hash_citizen("2460", b"k") == hash_citizen("2460", b"k")
    assert hash_citizen("2460", b"k") != hash_citizen("2460", b"other")
    assert hash_citizen("2460", b"k") != hash_citizen("2461", b"k")
    assert re.fullmatch(r"[0-9a-f]{16}", hash_citizen("2460", b"k"))


def test_no_question_that_citizens_ask_is_mistaken_for_personal_data() -> None:
    guides = shipped_content().guides
    covered = [
        (text, redact(text).labels)
        for texts in (*guides.phrases.values(), *guides.expect.values())
        for text in texts
        if redact(text).labels
    ]
    assert covered == []


def test_facts_are_public_and_may_be_repeated_by_a_citizen() -> None:
    facts = shipped_content().guides.facts.values()
    assert [f.name for f in facts if redact(f"có phải {f.value} không").labels] == []
