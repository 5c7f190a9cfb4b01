"""One commune: its own values, office hours and holidays, as values.

A missing value is never invented: `value` says so and `render` names the duty phone instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.guides import fold

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

OFFICE_VALUES = {
    "ten_xa": "Tên xã, phường",
    "ten_tinh": "Tên tỉnh, thành phố",
    "ten_ttpvhcc": "Tên trung tâm phục vụ hành chính công",
    "dia_chi_ttpvhcc": "Địa chỉ trung tâm",
    "ban_do_ttpvhcc": "Đường đi tới trung tâm",
    "gio_lam_viec": "Giờ làm việc",
    "sdt_ttpvhcc": "Số điện thoại trực của trung tâm",
    "duong_day_nong_xa": "Đường dây nóng của xã",
    "ds_quay": "Các quầy ở trung tâm",
    "sdt_tu_phap": "Số điện thoại tư pháp – hộ tịch",
    "sdt_chinh_sach": "Số điện thoại bộ phận chính sách",
    "sdt_dia_chinh": "Số điện thoại địa chính – xây dựng",
    "sdt_cong_an_xa": "Số điện thoại Công an xã",
    "dia_chi_cong_an_xa": "Địa chỉ Công an xã",
    "gio_lam_viec_cong_an": "Giờ tiếp dân của Công an xã",
    "lich_luu_dong": "Lịch thu nhận lưu động",
    "sdt_tram_y_te": "Số điện thoại trạm y tế",
    "co_quan_bhxh": "Cơ quan BHXH phụ trách",
    "diem_chi_tra": "Điểm chi trả tiền mặt",
    "lich_chi_tra_xa": "Lịch chi trả trợ cấp của xã",
    "ngan_hang": "Ngân hàng đang chi trả tại xã",
    "chi_nhanh_ngan_hang": "Chi nhánh ngân hàng gần xã",
    "lich_mo_tai_khoan": "Lịch mở tài khoản lưu động",
    "lich_ho_tro_tai_nha": "Lịch hỗ trợ tại nhà",
    "dieu_kien_ho_tro_tai_nha": "Ai được hỗ trợ tại nhà",
    "to_cns_thon": "Tổ công nghệ số ở thôn",
    "lop_hoc_so": "Lớp học dùng điện thoại",
    "diem_wifi": "Điểm có internet miễn phí",
    "lien_he_camera": "Nơi hỏi về camera an ninh",
    "lien_he_ocop": "Nơi hỏi về bán hàng, sản phẩm OCOP trên mạng",
    "kenh_pakn_xa": "Kênh nhận phản ánh của xã",
    "thoi_han_pakn": "Thời hạn trả lời phản ánh",
    "lich_ra_soat_ho_ngheo": "Lịch rà soát hộ nghèo",
    "bang_xa_cu_moi": "Nơi tra tên xã cũ và mới",
    "video_huong_dan": "Nơi xem video hướng dẫn",
    "muc_tro_cap_tinh": "Mức trợ cấp của tỉnh",
    "bang_le_phi_tinh": "Bảng lệ phí của tỉnh",
    "chinh_sach_rieng_tu": "Địa chỉ trang quyền riêng tư",
    "nguoi_phu_trach_du_lieu": "Người phụ trách dữ liệu cá nhân",
}
"""Names that guides may use → what they mean, for the officers' form and for checks."""
OPENING = "dang_mo_cua"
"""Name by which replies about hours and officers say whether it is open now."""
HAMLET_TEAMS = "to_cns_thon"
"""The one of them that is made from the table of hamlets where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hamlet:
    """One hamlet and whom its people may ask."""

    name: str
    old_names: tuple[str, ...] = ()
    team: str = ""
    """Whom to ask in its digital team, as it should read."""
    phone: str = ""

    @property
    def contact(self) -> str:
        """ "Thôn Trên: bác trưởng thôn, 0200 000 011"; without what is not known."""
        return f"{self.name}: {', '.join(p for p in (self.team, self.phone) if p)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One commune as its citizens meet it."""

    slug: str
    oa_id: str
    """Id of its Zalo Official Account; `recipient.id` of an event names the office by it."""
    is_example: bool
    values: Mapping[str, str]
    hours: tuple[tuple[tuple[time, time], ...], ...]
    """Seven entries from Monday; each holds the opening spans of that day, local time."""
    holidays: Mapping[date, str] = field(default_factory=dict)
    hamlets: tuple[Hamlet, ...] = ()
    zalo_keywords: frozenset[str] = frozenset()
    """`#` words that the OA answers by itself (set in OA Manager): the bot leaves them alone."""

    def hamlet_named(self, text: str) -> Hamlet | None:
        """The hamlet with this name, old or new, compared without diacritics."""
        wanted = fold(text)
        return next(
            (h for h in self.hamlets if wanted in {fold(n) for n in (h.name, *h.old_names)}), None
        )

    def is_open(self, now: datetime) -> bool:
        """True inside opening hours in Viet Nam; `now` must carry a time zone."""
        local = now.astimezone(LOCAL_TIME)
        return any(start <= local < end for start, end in self._spans(local.date()))

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """When it is open on that day, in order; empty on a holiday."""
        if day in self.holidays:
            return []
        return [
            (datetime.combine(day, a, LOCAL_TIME), datetime.combine(day, b, LOCAL_TIME))
            for a, b in self.hours[day.weekday()]
        ]

    def opening_text(self, now: datetime) -> str:
        """Whether it is open, until when, or when it opens next; a Vietnamese sentence."""
        local = now.astimezone(LOCAL_TIME)
        days = [local.date() + timedelta(days=n) for n in range(_LOOK_AHEAD_DAYS)]
        spans = [span for day in days for span in self._spans(day) if span[1] > local]
        if not spans:
            return "Bây giờ đang đóng cửa."
        start, end = spans[0]
        if start <= local:
            return f"Bây giờ đang mở cửa, tới {_clock(end)}."
        holiday = self.holidays.get(local.date())
        why = f"Hôm nay nghỉ: {holiday}. " if holiday else "Bây giờ đang đóng cửa. "
        return f"{why}Mở lại lúc {_clock(start)}{_day(start.date(), local.date())}."


_LOOK_AHEAD_DAYS = 21
"""Longer than any Tết holiday."""
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def _clock(moment: datetime) -> str:
    return f"{moment.hour} giờ {moment.minute:02}" if moment.minute else f"{moment.hour} giờ"


def _day(day: date, today: date) -> str:
    match (day - today).days:
        case 0:
            return " hôm nay"
        case 1:
            return f" ngày mai, {_WEEKDAYS[day.weekday()]}"
    return f" {_WEEKDAYS[day.weekday()]}, ngày {day.day}/{day.month}"
