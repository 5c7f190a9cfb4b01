"""Opening hours, holidays and hamlets of an office."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from bot.offices import LOCAL_TIME, Hamlet
from tests.bot.builders import make_office

DAY = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
OFFICE = make_office(
    hours=(DAY, DAY, DAY, DAY, DAY, ((time(8), time(11)),), ()),
    holidays={date(2027, 2, day): "Tết Nguyên đán" for day in range(4, 11)},
    hamlets=(
        Hamlet(name="Thôn Trên", old_names=("xóm 1", "bản Trên"), team="tổ số", phone="0200"),
        Hamlet(name="Thôn Dưới"),
    ),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_TIME)


@pytest.mark.parametrize(
    ("now", "is_open", "sentence"),
    [
        # Monday 23 November 2026.
        ("2026-11-23T07:29", False, "Bây giờ đang đóng cửa. Mở lại lúc 7 giờ 30 hôm nay."),
        ("2026-11-23T07:30", True, "Bây giờ đang mở cửa, tới 11 giờ 30."),
        ("2026-11-23T11:30", False, "Bây giờ đang đóng cửa. Mở lại lúc 13 giờ 30 hôm nay."),
        ("2026-11-23T16:59", True, "Bây giờ đang mở cửa, tới 17 giờ."),
        (
            "2026-11-23T17:00",
            False,
            "Bây giờ đang đóng cửa. Mở lại lúc 7 giờ 30 ngày mai, thứ Ba.",
        ),
        ("2026-11-28T10:00", True, "Bây giờ đang mở cửa, tới 11 giờ."),
        (
            "2026-11-28T14:00",
            False,
            "Bây giờ đang đóng cửa. Mở lại lúc 7 giờ 30 thứ Hai, ngày 30/11.",
        ),
        (
            "2027-02-05T09:00",
            False,
            "Hôm nay nghỉ: Tết Nguyên đán. Mở lại lúc 7 giờ 30 thứ Năm, ngày 11/2.",
        ),
    ],
)
def test_sentence_says_whether_it_is_open_and_until_when(
    now: str, is_open: bool, sentence: str
) -> None:
    assert OFFICE.is_open(at(now)) is is_open
    assert OFFICE.opening_text(at(now)) == sentence


def test_time_of_another_zone_is_read_in_viet_nam() -> None:
    assert OFFICE.is_open(datetime.fromisoformat("2026-11-23T01:00:00+00:00"))


def test_office_that_never_opens_says_that_it_is_shut() -> None:
    office = make_office(hours=((),) * 7)
    assert office.opening_text(at("2026-11-23T10:00")) == "Bây giờ đang đóng cửa."


@pytest.mark.parametrize("name", ["Thôn Trên", "thon tren", "XÓM 1", "ban tren"])
def test_hamlet_is_found_by_old_and_new_names_without_diacritics(name: str) -> None:
    hamlet = OFFICE.hamlet_named(name)
    assert hamlet is not None
    assert hamlet.contact == "Thôn Trên: tổ số, 0200"


def test_unknown_hamlet_is_none_of_them() -> None:
    assert OFFICE.hamlet_named("thôn Đoài") is None
    assert OFFICE.hamlet_named("") is None
