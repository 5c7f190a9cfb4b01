"""The table of signs of fraud: what swindlers say, ask for and send, one row a sign.

Data only; how signs add up is in `fraud`. Patterns are regular expressions over text without
diacritics, with abbreviations written out and with `x` behind words that would otherwise read like
a telling one (`fraud._plain`). `tests/bot/test_fraud.py` holds the share of false alarms, so a new
pattern that is too wide is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a sign says; only the strongest sign of each kind counts."""

    APPROACH = "approach"
    """Who turned up: a stranger, somebody in the name of an authority, a link."""
    DEMAND = "demand"
    """What is asked for."""
    PRESSURE = "pressure"
    """How it is pushed: threats, hurry, presents."""
    REPORT = "report"
    """What the citizen says about it: doubt, or that it has happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One row of the table."""

    name: str
    kind: Kind
    weight: float
    """0..1; see `is_fraud`."""
    why: str
    """For the officer who reads the table."""
    patterns: tuple[str, ...] = ()
    """Regular expressions over `_plain` text; none: found in the web addresses."""


def _w(most: int) -> str:
    """Up to so many words in between, as few as possible."""
    return rf"(?: \w+){{0,{most}}}?"


_STRANGER = (
    r"(?:co (?:mot )?(?:nguoi|so (?:la|goi|dien|may|nao|khong|ban)|ai do|dua|thang|ke|cuoc"
    r" (?:goi|dien)|"
    r"(?:chu|anh|chi|cau|ong|con|cox?|ba|thay|ban) (?:nao|do|be|gai|tre|xung|goi|tu|o|ben|"
    r"la|noi|bao|ten|ket))"
    r"|nguoi (?:la|goi|tu xung|xung|tren mang|ket ban)|ai goi|ai do|goi (?:dien )?(?=bao|"
    r"noi)|(?:so|sim|nick|zalo|facebook) la\b|(?:bon|dam) (?:no|do|la|"
    r"chung|lua)|bon no|so may la|(?:mot|1) (?:nguoi|so la|thang|dua|chu|anh|chi|cau|cox?|"
    r"nick|ban)|"
    r"(?:thang|dua|cau|cox?|anh|chi|chu|con|ba|ong|con be) (?:do|ay|nay|nao|ta|be)\b|cuoc"
    r" (?:goi|dien thoai)|"
    r"nghe (?:dien|may)|goi (?:video|hinh)|(?:nhan|nhanx) (?:duoc )?tin nhan|tin nhan"
    r" (?=la|bao|ghi|mang|de ten|gui|yeu|doi|doa|noi)|(?:nhan|co|nhanx) (?:duoc )?(?:tin|"
    r"email|thu)\b)"
)
_TELLS = (
    r"(?:goi|dien|nhan|baox?|noi|bat|doi|yeu cau|doa|gui|xin|hoi|xung|nho|du|hua|ep|giuc|"
    r"dan|ru|ten|can|muon|ghi|moi)"
)
_THEY = (
    r"(?:ho|no|hau|bon no|nguoi ta) (?:(?:cu|lai|con|toan|moi|vua|tu) )?(?:goi (?:dien|"
    r"den|toi|cho|bao|hoai)|dien (?:den|toi|cho)"
    r"|bao (?:toi|bac|em|me|bo|ba|ong|minh|chau|con|ma|phai doc|doc|cai|bam|vao|gui|"
    r"chuyen|nop|dong|tai|quet|ket ban|"
    r"nhan|sap|se|mo|la)|noi (?:la |minh )?(?:toi|bac|ben|o|lam|con|can|nang|ho)|bat"
    r" (?:toi|bac|em|me|ba|cai|tai|doc|chuyen|dong|nop|gui|"
    r"quet|ket|mo may|dong)|doi (?:tien|phi|coc|doc|anh)|doa|gui (?:cho |qua |den |toi )?("
    r"?:\w+ )?(?:\w+ )?(?:\w+ )?(?:link|file|tep|anh|hinh|giay|qua)|"
    r"xin (?:ma|otp|so|anh|coi|xem)|xung|du |hua|dan |rut|nhan (?:tin|zalo))"
)
_BODY = (
    r"(?:cong an|canh sat|csgt|vien kiem sat|toa anx?|bo cong an|ben thue|cox? quan thue|cuc"
    r" thue|chi cuc|nhan vien thue|dien luc|evn|dien nuoc|nuoc sach|"
    r"ngan hang|buu dien|buu cuc|bao hiem|uy ban|can bo|nhan vien|nhanx vien|ky thuat|tong"
    r" dai|nha mang|phuong|xa\b|"
    r"viettel|vnpt|hai quan|kho bac|tham phan|hanh chinh cong|tu phap|dich vu cong|vneid|"
    r"cong chinh phu|"
    r"giao vien|thay giao|cox? giao|benh vien|bac si|luat su|dia chinh|cuc vien thong|lanh"
    r" su|chuyen doix? so|thuy dien|shipper|ky su|to cong nghe|bo doi)"
)
_CODE = (
    r"(?:otp|ma xac (?:nhanx?|thuc|minh)|(?:ma|day|con|may con|may|cai ma) (?:so )?(?:6|"
    r"sau|bon|4) (?:chu )?so|(?:6|sau) (?:con |chu )?so|"
    r"ma (?:so )?(?:vua|moi|kich hoat|pin|gui ve|ve may|tren may|trong tin|bao mat|cho"
    r" (?:no|ho))|cai ma|may con so|con so (?:moi|vua)|(?:day|may) so (?:vua|moi|gui|6|"
    r"sau)|ma\b(?= (?:cho|tren|de|ngay|otp|giu|xac|roi|mat|thu|so|kich))|"
    r"mat khau|so the|(?:ma|so) pin|passcode|ba so (?:phia )?sau|cvv|so du\b)"
)
_ASKS = (
    r"(?:xin|doi|hoi|bat|yeu cau|bao|noi|can|nho|ep|de nghi|du|xung|goi|moi|buoc|chi can|"
    r"phai|giuc|huong dan|gui|dan|nhan|cu|bi)"
)
_REMOTE = (
    r"(?:team ?viewer|any ?desk|ultra ?view(?:er)?|rust ?desk|airdroid|quick ?support|"
    r"alpemix)"
)
_SUM = (
    r"(?:\d+ ?(?:k|tr|dong|dongx|cu|ti|ty|chi|cay|phan tram|%)?|\w+ tr\b|\w+ k\b|mot tr|"
    r"muoi phan tram)"
)
_MONEY = rf"(?:tien|phi|le phi|coc|thue|cuoc|{_SUM})"
_A, _D, _P, _R = Kind.APPROACH, Kind.DEMAND, Kind.PRESSURE, Kind.REPORT

SIGNS: Final = (
    Sign(
        name="link_fake", kind=_A, weight=1.0,
        why="địa chỉ web giả giống trang nhà nước, đuôi lạ hoặc rút gọn để giấu nơi đến",
    ),
    Sign(
        name="link_unknown", kind=_A, weight=0.5,
        why="địa chỉ web không có trong danh sách chính thức",
    ),
    Sign(
        name="impersonation", kind=_A, weight=1.0,
        why="người hỏi nói kẻ kia tự xưng, giả danh: cán bộ thật không ai kể như thế",
        patterns=(
            r"xung (?:la|ben|ox?|can|cong|nhanx?|vien|toa|minh|danh|thuoc|ky|thay|cox?|ten|"
            r"cuc|vneid|luat|bo|ke toan|chi cuc|truong|cax?\b)",
            r"tu xung|tu nhanx? (?:la|minh|canh|can|cong|nhanx?)|mao (?:danh|nhanx?)",
            r"gia (?:danh|mao)\b",
            r"gia(?: lam)? (?:cong an|can bo|ngan hang|nhanx? vien|thay|shipper|bo ban)",
            r"giax? danhx?\b",
            r"mac (?:ao|quan phuc|do|sac phuc)(?: \w+){0,2} (?:cong an|canh sat)",
            r"(?:logo|hinh)(?: \w+){0,2} (?:quoc huy|cong an)(?= .*(?:ket ban|nhan|goi|link|"
            r"doi))",
            r"(?:chiem|hack) (?:zalo|facebook|nick)",
            r"(?:nick|zalo|facebook)(?: \w+){0,3} (?:bi (?:hack|chiem)|nhan(?: tin)?(?: \w+)"
            r"{0,2} (?:muon|vay))",
        ),
    ),
    Sign(
        name="claimed_body", kind=_A, weight=0.6,
        why="người gọi nói là người của cơ quan, ngân hàng",
        patterns=(
            rf"(?:{_STRANGER}|{_THEY}){_w(3)} (?:noi |bao |ten \w+ )?(?:la|ox?|ben|tu|lam"
            rf" (?:ox?|ben|viec ox?)|minh la) (?:ben )?{_BODY}",
            rf"(?:noi|bao) (?:minh |ho )?(?:la|lam|lam ox?|lam ben|ox? ben|ben) {_BODY}"
            rf"{_w(6)} (?:gui|cai|xin|doi|bat|yeu cau|ket ban|doc|chup|goi)",
            r"(?:mac (?:ao|quan phuc|do)|anhx? the|logo|quan phuc|hinh|deo the)(?: \w+){0,3}"
            r" (?:cong an|quoc huy|canh sat|nhanx? vien)",
            rf"(?:ben|phia) {_BODY}{_w(3)} (?:goi|dien|nhan|gui|noi){_w(6)} (?:bat|xin|doi|"
            r"yeu cau|bao (?:toi|bac|me|cai|tai|doc|bam))",
        ),
    ),
    Sign(
        name="stranger", kind=_A, weight=0.4,
        why="người lạ gọi, nhắn, bảo làm",
        patterns=(
            rf"{_STRANGER}{_w(5)} {_TELLS}\b", _THEY, r"nick\b", r"goi (?:video|hinh)\b",
            r"nguoi ta (?:goi|dien|gui|nhan|xin|dua|du|doi|xung)",
        ),
    ),
    Sign(
        name="body_calls", kind=_A, weight=0.4,
        why="nói là cơ quan gọi, nhắn: một mình thì là chuyện thường",
        patterns=(
            rf"{_BODY}{_w(3)} (?:goi (?:dien|bao|hoi|bat|toi|cho|den|doi|xin)|dien (?:bao|"
            r"toi|den|thoai|doa)|nhan (?:tin|zalo)|gui (?:qua|link|file|tep)|bat (?:cai|doc|"
            r"chup|ket)|goi|bao (?:bam|doc|cai|tai|ket)|nhan rieng)\b",
            r"(?:cong an|canh sat|dien luc|ngan hang|bao hiem|can bo|nhanx? vien|shipper|ca|"
            r"thue|bhxh|xa hoi|buu dien)(?: \w+){0,3} (?:xin|doi|hoi)(?: \w+){0,2} (?:ma\b|"
            r"otp|so the|ma pin|mat khau)",
        ),
    ),
    Sign(
        name="otp_asked", kind=_D, weight=0.6,
        why="cơ quan, ngân hàng không bao giờ hỏi mã OTP, mật khẩu, số thẻ",
        patterns=(
            rf"{_ASKS}{_w(6)} (?:doc|dua|cung cap|soan|chup){_w(4)} {_CODE}",
            r"(?:xin|(?:ho|nguoi ta|goi|cong an|la|nguoi la|can bo|bon no|nhanx? vien|do) (?"
            rf":\w+ ){{0,2}}(?:doi|hoi))(?! (?:lai|cach|ve|hoi)){_w(3)} {_CODE}",
            r"(?:xin|(?<!cho )(?<!em )(?<!toi )(?<!xin )(?<!chau )(?<!muon )(?<!bac )(?<!con"
            r" )hoi)(?: \w+){0,2} (?:may con so|otp|ma pin|ba so|cvv|so the)\b",
            r"(?:doc|dua|cung cap)(?! (?:duoc|hoi|em|toi|con|chau|minh|bac|xin|tui|biet)\b)"
            rf"{_w(3)} {_CODE}",
            rf"(?:nhanx?|lay|muon) (?:\w+ )?(?:hox?|gium|dum|giup){_w(3)} {_CODE}",
        ),
    ),
    Sign(
        name="app_outside", kind=_D, weight=1.0,
        why="ứng dụng gửi qua tin nhắn, ngoài kho ứng dụng",
        patterns=(
            r"apk\b|nguon khong (?:xac dinh|ro)",
            rf"(?:khong (?:co|thay)|chua (?:co|len|dua len)|ngoai){_w(5)} (?:ch play|ung dung"
            r" store|appstore|app store|kho ung dung)(?= .*\b(?:link|file|tep|gui|trang)\b)",
            rf"gui{_w(5)} (?:link|file|tep|tap tin){_w(8)} (?:cai|tai)\b(?! (?:lieu|khoan))",
            rf"(?:cai|tai)\b{_w(6)} (?:qua|theo|tu|bang) (?:\w+ )?(?:link|file|trang cua ho)",
            r"(?:cai|tai|tuong) (?:\w+ ){0,4}(?:ung dung|phan mem) (?:la|gia)\b(?! (?:mien|"
            r"cua|gi|de|mot|nao|phai|duoc|tien|co|xong|no|khong))",
        ),
    ),
    Sign(
        name="app_told", kind=_D, weight=0.6,
        why="bị người gọi tới bắt cài ứng dụng",
        patterns=(
            rf"(?:bat|doi|yeu cau|ep|goi bao|goi noi|no bao|ho bao|du){_w(4)} (?:cai|tai)(?:"
            rf" dat| ve| xuong)?{_w(3)} (?:ung dung|phan mem|vneid|vssid|dich vu cong|file|"
            r"tep)",
        ),
    ),
    Sign(
        name="remote_control", kind=_D, weight=1.0,
        why="chia sẻ màn hình, cho người khác điều khiển máy",
        patterns=(
            _REMOTE,
            r"(?:chia se|xin (?:coi|xem)|cho (?:\w+ ){1,3}(?:xem|coi|muon)|muon) man hinh",
            r"tu luot\b|bi dieu khien",
            r"dieu khien (?:\w+ ){0,2}(?:tu xa|dien thoai)|chiem quyen|quyen tro nang",
            rf"(?:may|dien thoai|man hinh){_w(4)} tu (?:bam|chay|vuot|nhay)\b|tu bam tu",
            r"khong cham (?:\w+ ){0,3}bam",
            r"up (?:dien thoai|may) xuong",
            r"(?:khong duoc|dung|cam) (?:dung vao|cham vao|tat) (?:may|dien thoai)",
            r"man hinh (?:\w+ )?den thui|may do cho (?:no )?chay",
            r"(?:no|ho) (?:\w+ ){0,2}vao may (?:toi|bac|me|ba|ong)",
        ),
    ),
    Sign(
        name="link_sent", kind=_D, weight=0.6,
        why="người lạ gửi đường link, tệp, mã QR bảo mở",
        patterns=(
            rf"(?:gui|quang|nhan|kem|moi){_w(5)} (?:link|file|tep|tap tin|qr|ma vuong)\b",
            rf"(?:bam|nhanx?|vao|an|truy cap|mo|nhap|dien|theo|qua|cap nhat){_w(4)} (?:link|"
            r"tap tin|tep|file)\b",
            r"link (?:la|do|nay|ben duoi|duoi|rieng|kem|nhanx|xac)\b|trang (?:la|gia)\b",
            r"trang sau\b",
            r"(?:ma vuong|qr)(?: \w+){0,3} (?:bao|moi) quet",
            r"(?:no|ho|nguoi la|cau ay|bon no) (?:\w+ ){0,3}quet (?:cai )?(?:ma|qr)",
            r"quet (?:\w+ ){0,3}(?:qr|ma vuong|ma)(?: \w+){0,8} (?:la\b|cot dien|nhan tien|"
            r"huu)",
            r"bam (?:vao )?(?:day|duoi day|ben duoi)\b",
        ),
    ),
    Sign(
        name="fee_private", kind=_D, weight=0.6,
        why="đòi phí, cọc, tiền xác minh, tiền vào tài khoản riêng",
        patterns=(
            rf"(?:nop|dong|chuyen|gui|nap|tra|ck|{_MONEY}){_w(6)} (?:vao|qua|sang|toi) (?:\w+"
            rf" ){{0,2}}tai khoan (?:rieng|ca nhanx?|cua (?:anh ay|chi ay|cox? ay|can bo|ho\b"
            r"|no\b|nguoi)|(?:no|ho|han|cau ay|chi ay) |ten la|mang ten|can bo)",
            r"tai khoan (?:tam giu|an toan|anx toan)|cho anx? toan\b|chuyen het tien",
            r"tien bao lanh|het tien (?:tiet kiem )?(?:vao|qua|sang) tai khoan",
            rf"(?:nop|dong|dat|bat|gui|bo|nap|doi)(?: \w+){{0,3}}? (?:truoc|coc)\b{_w(3)} "
            rf"{_MONEY}",
            rf"(?:doi|nop|dong|gui|chuyen) (?:\w+ ){{0,3}}{_MONEY}(?: \w+){{0,4}} truoc\b",
            rf"(?:bat|doi|bao|chi can|keu|goi|hoi){_w(2)} (?:phai )?(?:nop|dong|chuyen|nap|"
            rf"dat|gui|tra){_w(4)} {_MONEY}",
            r"tai khoan rieng cua|dat coc|bat coc|coc tien|coc truoc",
            r"phi (?:kich hoat|van chuyen|luat su|xac minh|tham dinh|hai quan)",
            rf"(?:chuyen|muon|vay|can) (?:gap |khoan )?{_SUM}",
        ),
    ),
    Sign(
        name="zalo_contact", kind=_D, weight=0.6,
        why="cơ quan không làm thủ tục bằng cách kết bạn Zalo, bấm phím",
        patterns=(
            rf"(?:{_ASKS}|roi){_w(4)} ket ban",
            r"ket ban (?:qua )?zalo(?! (?:voi trang|cua xa|trang))",
            r"telegram|(?:bam|nhan) (?:phim |so )(?:mot|hai|\w+)\b",
            r"(?:bam|nhan) (?:phim |so )?(?:mot|hai|\d|sao)\b|nguoi (?:\w+ )?ket ban",
            r"lam (?:ngay )?(?:theo )?(?:huong dan )?(?:tren|qua) zalo",
        ),
    ),
    Sign(
        name="identity_asked", kind=_D, weight=0.6,
        why="xin ảnh căn cước, khuôn mặt, số thẻ qua điện thoại, Zalo",
        patterns=(
            rf"(?:gui|chup|doi|xin|dua){_w(4)} (?:anhx?|hinh|hai mat|2 mat)(?: \w+){{0,3}}?"
            r" (?:can cuoc|the\b|khuon mat|ngan hang)",
            rf"(?:hoi|doc|xin|soan){_w(3)} so (?:the|can cuoc|tai khoan)",
            r"quay mat(?: \w+){0,5} (?:doc|camera)|bat camera|batx camera|anhx? mat\b",
            r"mo camera|quay trai|hai mat (?:can cuoc|the)|so the (?:va|voi)",
            r"dien (?:so )?(?:the|thong tin the|can cuoc)|thue (?:\w+ )?(?:dung ten|tai"
            r" khoan)",
            r"(?:xin|doi|cho|cho \w+) muon (?:may|tai khoan|dien thoai|the\b)",
        ),
    ),
    Sign(
        name="remote_upgrade", kind=_D, weight=0.6,
        why="định danh mức 2 phải đến tận nơi, không làm qua điện thoại",
        patterns=(
            r"(?:muc 2|muc hai|dinh danh)(?: \w+){0,5} (?:tu xa|qua (?:dien thoai|zalo|"
            r"video)|tai nha|khoi)",
            r"(?:muc 2|can cuoc|dinh danh|cong an)\b.{0,40}\b(?:khoi|khong can) (?:phai"
            r" )?(?:ra|len|xep)\b",
            r"(?:khoi|khong can) (?:phai )?(?:ra|len|xep)\b.{0,20}\b(?:cong an|can cuoc)",
        ),
    ),
    Sign(
        name="threat", kind=_P, weight=0.6,
        why="dọa bắt, dính vụ án, cấm nói với người nhà",
        patterns=(
            r"(?:lien quan|dinh)(?: \w+){0,4} (?:vu anx?|vu\b|duong day|rua tien|ma tuy)",
            r"rua tien|lenh bat|giay (?:trieu|tr) tap|lien luy|toa anx? (?:goi|chua)",
            r"gap tham phan|giu ho\b",
            r"giu bi mat",
            r"(?:khong (?:duoc )?|cam |dung )(?:noi|tiet lo|ke)(?: \w+){0,2} (?:ai|nguoi"
            r" khac|con chau)",
            r"doa\b|tong tien|tung (?:len )?mang|boi nho|ghep anhx?|anhx? ghep",
            r"(?:xuong|den) (?:nha )?bat\b|bi cong an (?:bat|giu)\b|(?:se|bao|khong) bi bat"
            r"\b",
            r"dong bang tai khoan|o yen trong",
            r"dang (?:\w+ )?cap cuu|tai nanx?\b(?= .*(?:chuyen|tien))|nhap vien\b(?="
            r" .*chuyen)",
            r"ke xau dung",
        ),
    ),
    Sign(
        name="hurry", kind=_P, weight=0.4,
        why="hối thúc, dọa khóa, cắt, phạt nếu không làm ngay",
        patterns=(
            r"(?:trong|sau) (?:vong )?(?:\d+|mot|hai|ba|muoi|vai) ?(?:h|gio|tieng|phut)\b",
            r"truoc \d+ ?(?:h|gio)\b",
            r"(?:het hanx?|trong) hom nay|ngay lap tuc|ngay chieu nay|giai ngan",
            rf"(?:neu|khong) (?:khong|chua|\w+){_w(6)} (?:thi )?(?:bi |se )?(?:khoa|cat|phat|"
            r"bat|ngung|thu hoi|mat tien|phong toa)\b",
            r"(?:keo|de khong|tranh|de khoi)(?: \w+){0,2}? (?:bi )?(?:khoa|cat|phat|mat|thu"
            r" hoi|bat)\b",
            r"(?:sap|se)(?: bi)?(?: \w+)? (?:cat|khoa|ngung|phong toa|treo|dong)\b",
            r"cat (?:dien|nuoc|luong|tro cap|sim|thue bao)|khoa sim",
        ),
    ),
    Sign(
        name="prize", kind=_P, weight=0.6,
        why="tiền từ trên trời: trúng thưởng, hoàn tiền, quà, việc nhẹ, lãi cao",
        patterns=(
            r"trung (?:thuong|qua|xe|so vang|giai|mot chiec|iphone|\d)",
            r"nhanx? (?:qua(?! (?:the|ngan|tai khoan|buu|atm|zalo|mang|chuyen|vneid|link|"
            r"dien|tin|nguoi|quay|tet|cua hoi|vang|khi))(?= .*(?:link|bam|otp|nap|zalo|file|"
            r"phi|ket ban|dong|that))|thuong|giai)\b",
            r"qua tang|tri anx?\b|san qua",
            r"(?:hoan|truy linh|chuyen thua|cong thua|truy lanh) (?:tien|thue|vien phi|"
            r"luong)",
            r"lay lai (?:duoc )?(?:so )?tien(?: \w+){0,4} (?:lua|mat)|hua (?:lay|tra|tang)",
            r"dau tu\b|tien ao|cong tac vien|lam nhiem vu|loi \d+|lai cao|viec nhe",
            r"(?:thung|qua|hang|do la)(?: \w+){0,6} (?:nuoc ngoai|hai quan|san bay)",
            r"thung (?:do la|qua)|hai quan(?: \w+){0,4} (?:dong|thue|phi|giu)",
            r"(?:co|nhanx?|khoan|duoc) (?:tien )?(?:ho tro|tro cap|thuong)\b(?= .*(?:link|"
            r"bam|the\b|phi\b|ma\b))",
        ),
    ),
    Sign(
        name="doubt", kind=_R, weight=0.4,
        why="người hỏi thấy nghi",
        patterns=(
            r"(?:co )?that(?: \w+)? (?:khong|hay gia|hay|ha|chu)\b|that gia|tin duoc|tin nay",
            r"tin ni\b",
            r"nghi nghi|toi nghi|thay nghi|thay ky",
            r"co nen (?:\w+ )?(?:bam|doc|chuyen|tin|cho|gui)|lam vay co sao|lam tiep khong",
            r"chua dam (?:bam|mo|doc|chuyen|gui)|chua kip|dang dinh|toi dinh",
        ),
    ),
    Sign(
        name="fraud_named", kind=_R, weight=1.0,
        why="nói thẳng là lừa đảo, kẻ gian",
        patterns=(
            r"(?<!chuyen )lua dao|(?<!sox )(?<!so )bi (?:\w+ )?(?:lua|gat)\b",
            r"(?:phai|tro|la|hay) lua (?:khong|hay|gat|thoi|dao)|lua tien|(?:phai|tro) lua\b",
            r"gat (?:tien|khong)|la gat|du (?:doc|nap|cai|chuyen)|bi (?:hack|tong tien)",
            r"gia mao",
            r"(?:ung dung|trang|link|zalo)(?: \w+){0,3}? (?<!quoc )(?<!nguoi )(?<!ba"
            r" )(?<!ong )(?<!me )(?<!bo )(?<!danh )(?<!that )gia\b(?! (?:bao|re|ca|tien|"
            r"dinh|han|tri|nhieu|roi|ca|ho))",
            r"(?:the|tai khoan|ngan hang|trong may)(?: \w+){0,4} (?:bay|bi tru|bi rut) (?:\w"
            r"+ )?(?:sach|het)",
            r"rut het tien|(?:tru|bay|mat) sach (?:tien|luong|trong)",
        ),
    ),
    Sign(
        name="harm", kind=_R, weight=0.3,
        why="đã lỡ bấm, đọc, chuyển, cài",
        patterns=(
            r"(?:lo|trot|da|vua|moi) (?:\w+ )?lam theo\b",
            rf"(?:\blo|trot|lo tay|lo dai|nghe theo|nghe loi|nham){_w(4)} (?:bam|cai|doc|"
            r"chuyen|gui|nhap|quet|cho|dua|dien|tai|nap|vao|chup|chia se|tin)\b",
            rf"(?:bam|cai|doc|chuyen|gui|nhap|quet|dua|dien|nap|chup|lam theo)\b{_w(6)}"
            r" (?:xong|roi|mat roi|het roi)\b",
            r"da (?:bam|cai|doc|chuyen|gui|nhap|quet|dua|dien|nap|cho|lam theo)\b",
            r"(?:bam|cai|doc|chuyen|gui|nhap|quet|nap) mat roi",
            r"khong rut (?:\w+ )?duoc|(?:toi|minh|bac|em) dai\b",
            r"bi (?:\w+ ){0,2}(?:lua|gat|du)\b",
            r"(?:bi |no |bao )tru (?:mat )?(?:\w+ )?(?:tien|\d+ ?tr)",
            r"(?:mat|bay)(?: \w+){0,2} (?:\d+ ?(?:tr|cu|k)\b|sach)",
        ),
    ),
    Sign(
        name="harm_plain", kind=_R, weight=1.0,
        why="lỡ bấm link, đọc mã, cài ứng dụng lạ, chuyển tiền cho kẻ lạ",
        patterns=(
            rf"(?:\blo|trot|lo tay|lo dai|nham){_w(3)} (?:bam|nhanx?|an|vao|mo){_w(4)}"
            r" (?:link|file)",
            rf"(?:\blo|trot|lo dai){_w(3)} quet{_w(3)} (?:ma|qr){_w(4)} (?:la\b|nguoi la|ho\b"
            r"|no\b)",
            rf"(?:\blo|trot|lo dai){_w(3)} (?:doc|dua|cho|gui){_w(4)} (?:ma\b|otp|mat khau|"
            r"can cuoc|so the|so tai khoan)(?!.* vao day)",
            rf"(?:\blo|trot|lo dai){_w(3)} (?:cai|tai){_w(4)} (?:la\b|theo|apk|gia)",
            rf"(?:\blo|trot|lo dai){_w(3)} (?:chuyen|gui|nap){_w(4)} (?:tien|khoan|\d+"
            r" ?tr)(?! nhamx?)(?:.*\b(?:ho|no|nguoi la|nguoi ta|bon)\b)",
            rf"(?:doc|dua|cho)\b{_w(4)} (?:ma\b|otp|mat khau|so the){_w(6)} (?:mat roi|xong"
            r" roi|cho (?:no|ho|nguoi ta|bon no|shipper)(?: \w+)? roi)",
            rf"nghe (?:theo )?(?:loi )?(?:no|ho|nguoi ta|nguoi la){_w(3)} (?:chuyen|gui|nop)"
            r"\b",
            r"(?:no|ho|bon no) (?:\w+ ){0,2}(?:rut|tru|lay) (?:\w+ )?(?:het|sach|mat) tien",
            r"(?:nhap|dien)(?: \w+){0,4} (?:so the|mat khau)(?: \w+){0,8} (?:trang (?:la|"
            r"gia|ho|web)|link)",
        ),
    ),
)  # fmt: skip
