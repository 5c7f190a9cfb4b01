"""What no text to citizens may say: numbers typed by hand, abolished bodies, old laws, odd links.

Pure: one text in, Vietnamese sentences about it out; `checks` adds the path. Which body or law is
gone is data at the top, each with what came instead, so that an officer can read and extend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from bot.guides import fold

OFFICIAL_SITES: Final = frozenset(
    {"dichvucong.gov.vn", "lienthong.dichvucong.gov.vn", "vneid.gov.vn"}
)
"""The web addresses that any text may name."""
FORM_NAME: Final = r"(?:CT|TK)\d{2}"
"""Printed forms that citizens are asked for by their number, such as CT01, as a pattern."""
_STATE: Final = ".gov.vn"
"""Only bodies of the State get such an address, so a fact or an office value may declare one."""
_LOOK_ALIKE: Final = 0.9
"""From which likeness (0..1) to an official site on another one is taken for its imitation."""

ABOLISHED: Final = (
    (
        r"(?:công an|ca|ubnd|ub|(?:uỷ|ủy) ban(?: nhân dân)?|hđnd|hội đồng nhân dân|bhxh|bảo hiểm"
        r"(?: xã hội)?|chính quyền|một cửa|hành chính công|chi cục thuế|thuế|phòng [^\W\d]+(?:[ -]"
        r"[^\W\d]+){0,5}?|tòa án(?: nhân dân)?|viện kiểm sát(?: nhân dân)?|kho bạc|cán bộ|"
        r"văn phòng đăng ký đất đai|chi nhánh đất đai|cơ quan|trung tâm y tế|mặt trận|hội đồng)"
        r" (?:của |ở |tại |trên )?(?:cấp )?(?:huyện|quận|thị xã|thị trấn)",
        "cấp huyện, thị trấn không còn từ 01/07/2025: nay là xã, tỉnh hoặc cơ sở khu vực",
    ),
    (r"cấp (?:huyện|quận)", "cấp huyện không còn từ 01/07/2025"),
    (r"(?:cah|ca\.h|ubnd\.?h|ubnd h\.|bhxh h\.)", "viết tắt của cơ quan cấp huyện đã bỏ"),
    (
        r"(?:phòng|sở|bộ) (?:lao động|lđ(?: ?-? ?tb)?)(?:[ ,–-]*(?:thương binh|tb|và|xã hội|xh|&|"
        r"lđ))*",
        "ngành lao động – thương binh và xã hội đã sáp nhập: việc này nay ở xã",
    ),
    (r"(?:sở|bộ) (?:thông tin và truyền thông|tt ?& ?tt|tttt)", "nay là Khoa học và Công nghệ"),
    (r"(?:sở|bộ) (?:tài nguyên và môi trường|tn ?& ?mt|tnmt)", "nay là Nông nghiệp và Môi trường"),
    (r"(?:sở|bộ) (?:kế hoạch và đầu tư|kh ?& ?đt|khđt)", "nay là Tài chính"),
    (r"(?:sở|bộ) (?:giao thông vận tải|gtvt)", "nay là Xây dựng"),
)  # fmt: skip
"""Bodies that are gone (lower case, as a pattern) → what to know about it."""

NO_LONGER_LAW: Final = {
    "42/2022": "thay bằng Nghị định 224/2026/NĐ-CP",
    "13/2023": "thay bằng Nghị định 356/2025/NĐ-CP",
    "20/2021": "thay bằng Nghị định 335/2026/NĐ-CP",
    "136/2013": "đã bị thay trước Nghị định 335/2026/NĐ-CP",
    "62/2021": "thay bằng Nghị định 154/2024/NĐ-CP",
    "59/2022": "thay bằng Nghị định 69/2024/NĐ-CP",
    "37/2021": "thay bằng Nghị định 70/2024/NĐ-CP",
    "137/2015": "thay bằng Nghị định 70/2024/NĐ-CP",
    "61/2018": "thay bằng Nghị định 118/2025/NĐ-CP",
    "107/2021": "thay bằng Nghị định 118/2025/NĐ-CP",
    "01/2021": "thay bằng Nghị định 168/2025/NĐ-CP",
    "59/2014/QH13": "thay bằng Luật Căn cước 2023",
    "81/2006/QH11": "thay bằng Luật Cư trú 2020",
    "58/2014/QH13": "thay bằng Luật Bảo hiểm xã hội 2024",
    "45/2013/QH13": "thay bằng Luật Đất đai 2024",
    "Luật Căn cước công dân": "thay bằng Luật Căn cước 2023",
    "Luật Cư trú 2006": "thay bằng Luật Cư trú 2020",
    "Luật Bảo hiểm xã hội 2014": "thay bằng Luật Bảo hiểm xã hội 2024",
    "Luật Đất đai 2013": "thay bằng Luật Đất đai 2024",
}
"""Documents no longer in force → what replaced them. A decree is meant unless a law is named."""

OLD_PAPERS: Final = {
    "sổ hộ khẩu": "sổ giấy đã bỏ; nay là giấy CT07 hoặc thông tin cư trú trên VNeID",
    "hộ khẩu giấy": "sổ giấy đã bỏ; nay là giấy CT07 hoặc thông tin cư trú trên VNeID",
    "sổ tạm trú": "sổ giấy đã bỏ; nay là giấy CT07 hoặc thông tin cư trú trên VNeID",
    "chứng minh thư": "nay là thẻ căn cước",
    "chứng minh nhân dân": "nay là thẻ căn cước",
    "căn cước công dân": "nay là thẻ căn cước",
    "CCCD": "nay là thẻ căn cước",
    "CMND": "nay là thẻ căn cước",
    "mức độ 3": "nay gọi là “một phần”",
    "mức độ 4": "nay gọi là “toàn trình”",
}
"""Old names of papers and services → today's. Allowed where the text says that they are old."""

_SAYS_IT_IS_OLD: Final = re.compile(
    r"\b(trước gọi|trước đây|trước kia|ngày trước|hồi trước|cũ|đã bỏ|nay đã|nay gọi|nay là|"
    r"không cần|không còn|không phải|khỏi cần|hết giá trị|thay cho|dùng thay)\b",
    re.I,
)
_SAYS_IT_IS_GONE: Final = re.compile(r"không còn|đã bỏ|bỏ cấp|đã thôi", re.I)
_ABOLISHED: Final = tuple((re.compile(rf"(?<!\w)(?:{p})(?!\w)", re.I), w) for p, w in ABOLISHED)
_HINTS: Final = re.compile(
    r"huyện|quận|thị xã|thị trấn|cah|ca\.h|ubnd|bhxh h|phòng|sở|bộ|huyen|phong|"  # a body
    r"hộ khẩu|tạm trú|chứng minh|căn cước công dân|cccd|cmnd|mức độ|"  # a paper
    r"\d/\d{4}|luật",  # a law
    re.I,
)
"""Most texts hold none of these, and then none of the rules above and below can be broken."""
_BARE_ABOLISHED: Final = re.compile(
    r"\b(?:cong an|ubnd|uy ban(?: nhan dan)?|bhxh|bao hiem xa hoi|phong (?:tu phap|ldtbxh)) "
    r"(?:cap )?huyen\b|\bphong lao dong\b"
)
"""The most usual ones as somebody in a hurry types them, without diacritics."""


def _law_pattern(name: str) -> re.Pattern[str]:
    # Circulars and decisions number from one as well, so their kind is looked at.
    tail = r"(?!/(?:TT|QĐ|NQ|QH|CT)|\d)" if re.fullmatch(r"\d+/\d{4}", name) else r"(?!\w)"
    return re.compile(rf"(?<![\w./]){re.escape(name)}{tail}", re.I)


_LAWS: Final = tuple((_law_pattern(name), now) for name, now in NO_LONGER_LAW.items())
_PAPERS: Final = tuple(
    (re.compile(rf"(?<!\w)(?<!luật ){re.escape(name)}(?!\w)", re.I), now)
    for name, now in OLD_PAPERS.items()
)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+|\n")
_PLACEHOLDER: Final = re.compile(r"\{\{.*?\}\}")
_SITE: Final = re.compile(
    r"(?<![\w.@-])(?:https?://)?(?:www\.)?((?:\w(?:[\w-]*\w)?\.)+[^\W\d_]{2,})(?![\w-])", re.I
)
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAMES_WITH_DIGITS: Final = re.compile(
    r"(?:\bmức(?: độ)?|\bbước|\bquầy) [1-9](?:(?:, |/| và | hoặc )(?:mức |bước |quầy )?[1-9])*"
    r"(?![\d.,/:%-]*\d)"
    r"(?! ?(?:đồng|đ\b|nghìn|ngàn|triệu|tỷ|%|ngày|giờ|phút|tháng|năm|tuổi|tuần|lần))"
    r"|(?<![\d.,/:-])(?<!\d )(?<!ngày )(?<!tháng )(?<!năm )(?:\d|1[0-9])(?= (?:chữ )?số\b| ký tự\b)"
    r"|(?<![\d.,/:-])(?<!\d )(?<!ngày )(?<!tháng )(?<!năm )[1-9](?= lần\b)"
    rf"|(?-i:\b{FORM_NAME}\b)",
    re.I,
)
"""Digits that are part of a name: levels, steps, counters, lengths of codes, forms like CT01."""
_NUMBERS: Final = (
    ("địa chỉ thư", _EMAIL),
    ("địa chỉ web", _SITE),
    ("mã thủ tục", re.compile(r"(?<!\d)\d\.\d{3}\.?\d{3}(?!\.?\d)(?! ?(?:đồng|đ\b))")),
    (
        "số điện thoại",
        re.compile(
            r"(?<!\d)(?:\+84[ .]?|0)\d{1,3}(?:[ .-]?\d{2,4}){2,3}|1[89]00[ .]?\d{2,6}(?:[ .]\d+)?"
        ),
    ),
    (
        "số tiền",
        re.compile(r"\d[\d.,]*\s*(?:đồng|đ\b|nghìn|ngàn|triệu|tỷ|%|phần trăm|vnđ|k\b)", re.I),
    ),
    (
        "ngày, giờ",
        re.compile(r"\b\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?(?![\d/])|\b\d{1,2}(?:h|:)\d{0,2}\b"),
    ),
    (
        "thời hạn",
        re.compile(
            r"\d+\s*(?:ngày|giờ|phút|tháng|năm|tuần|tuổi|giây|buổi)|"
            r"\b(?:ngày|mùng|tháng|năm|thứ|tuổi)\s*\d+(?:/\d+)?",
            re.I,
        ),
    ),
    ("số văn bản", re.compile(r"\d+/\d{4}|\d+/[A-ZĐ]{2}")),
    ("con số", re.compile(r"\d+(?:[.,/:-]\d+)*")),
)
"""Kinds of numbers, the most telling first; the last one takes whatever is left."""
_HAS_NUMBER: Final = re.compile(r"\d|\w\.\w|@")


@lru_cache(maxsize=65_536)
def lint_text(text: str) -> tuple[str, ...]:
    """What is wrong with any text that goes out, whatever it is; empty if nothing.

    Placeholders are left out: what they stand for is looked at where it is kept.
    """
    plain = _PLACEHOLDER.sub(" ", text).replace("**", "")
    return (*_lint(plain), *_lint_sites(plain, may_declare=False))


@lru_cache(maxsize=65_536)
def lint_value(value: str) -> tuple[str, ...]:
    """The same for the value of a fact or of an office, which may name a site of the State."""
    return (*_lint(value), *_lint_sites(value, may_declare=True))


def _lint(text: str) -> Iterator[str]:
    if not _HINTS.search(text):
        return
    for sentence in _SENTENCE_END.split(text):
        if not _SAYS_IT_IS_GONE.search(sentence):
            yield from _lint_bodies(sentence)
        if not _SAYS_IT_IS_OLD.search(sentence):
            for rule, now in _PAPERS:
                if found := rule.search(sentence):
                    yield f"nhắc tên cũ mà không nói là cũ: {found[0]} ({now})"
    for law, now in _LAWS:
        if found := law.search(text):
            yield f"nhắc văn bản hết hiệu lực: {found[0]} ({now})"


def _lint_sites(text: str, *, may_declare: bool) -> Iterator[str]:
    for site in sites_in(text) if "." in text else ():
        if site in OFFICIAL_SITES or (
            may_declare and site.endswith(_STATE) and not imitates_official(site)
        ):
            continue
        yield f"địa chỉ web lạ: {site} (chính thức: {', '.join(sorted(OFFICIAL_SITES))})"


def is_official_site(site: str) -> bool:
    """True for a site of the list and what lies below it."""
    return site in OFFICIAL_SITES or any(site.endswith(f".{o}") for o in OFFICIAL_SITES)


def imitates_official(site: str) -> bool:
    """True if a site differs from an official one by so little that it is taken for it."""
    return any(
        SequenceMatcher(None, site.replace("-", ""), official).ratio() >= _LOOK_ALIKE
        for official in OFFICIAL_SITES
    )


def _lint_bodies(sentence: str) -> Iterator[str]:
    for rule, now in _ABOLISHED:
        if found := rule.search(sentence):
            yield f"nhắc cơ quan đã bỏ: {found[0]} ({now})"
            return
    if sentence.isascii() and (found := _BARE_ABOLISHED.search(fold(sentence))):
        yield f"nhắc cơ quan đã bỏ: {found[0]}"


def sites_in(text: str) -> list[str]:
    """Web addresses in a text, lower case, without what stands before and after the host.

    Letters of any alphabet count, so that a look-alike is an address of its own.
    """
    return [m[1].lower() for m in _SITE.finditer(_EMAIL.sub(" ", text))]


@lru_cache(maxsize=65_536)
def typed_number(text: str) -> str | None:
    """The first number, date, telephone or address typed by hand, with its kind; None if none is.

    Everything with a digit is one, unless it is part of a name (mức 2, 6 chữ số, bước 3, CT01):
    so nothing can be forgotten. Placeholders do not count.
    """
    plain = _PLACEHOLDER.sub(" · ", text).replace("**", "")
    plain = _NAMES_WITH_DIGITS.sub(" ", plain)
    if not _HAS_NUMBER.search(plain):
        return None
    for kind, rule in _NUMBERS:
        if found := rule.search(plain):
            return f"{kind} “{found[0].strip()}”"
    return None
