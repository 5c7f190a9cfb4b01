"""Questions without a subject after a guide ("mất mấy tiền", "thế còn mẹ tôi"): what they ask for.

Pure tables: part of the guide → ways to ask, compared without diacritics and by whole words. The
answer, in one short message with its date, is made here too; `shortcuts` and `answer` decide
whether a message is such a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.guides import Guide, fold
from bot.messages import Reply
from bot.render import Choice, Voice, dated_line, render_texts
from bot.templates import names_in

MAX_WORDS = 8
"""A longer message tells of a matter of its own."""


class Part(StrEnum):
    """What of the guide in hand is asked for."""

    FEE = "fee"
    DURATION = "duration"
    BRING = "bring"
    PLACE = "place"
    LEGAL = "legal"
    CALL = "call"
    RELATIVE = "relative"
    CHILD = "child"
    CASE = "case"


_WAYS: dict[Part, tuple[str, ...]] = {
    Part.FEE: (
        "may tien", "bao nhieu tien", "nhieu tien", "mat tien", "ton tien", "ton phi", "mat phi",
        "le phi", "phi", "ton kem", "mien phi", "ton bao nhieu", "mat bao nhieu", "het bao nhieu",
        "het nhieu", "nop bao nhieu", "dong bao nhieu", "bao nhieu", "may dong", "ton may",
        "tra tien", "dong tien", "nop tien",
    ),
    Part.DURATION: (
        "bao lau", "may ngay", "bao nhieu ngay", "nhieu ngay", "may hom", "may bua", "may tuan",
        "may tieng", "may thang", "may bua nua", "lau khong", "lau ko", "lau hong", "co lau",
        "khi nao", "khi nao xong", "khi mo", "chung nao", "bao gio", "bao nhieu lau", "lau lac",
        "hom mo", "ngay nao", "lau mau", "may hom nua",
    ),
    Part.BRING: (
        "giay gi", "giay chi", "giay to gi", "giay to chi", "giay to nao", "giay nao", "mang gi",
        "mang chi", "mang theo", "mang nhung gi", "dem gi", "dem chi", "dem theo", "cam gi",
        "cam chi", "cam theo", "can gi", "can chi", "can nhung gi", "can nhung giay to gi",
        "chuan bi gi", "chuan bi chi", "chuan bi nhung gi", "mang giay", "dem giay", "giay to",
        "mang cai gi", "dem cai gi", "dem theo cai gi", "mang theo cai gi",
    ),
    Part.PLACE: (
        "o dau", "o mo", "cho nao", "cho mo", "di dau", "di mo", "den dau", "toi dau", "noi nao",
        "nop dau", "nop mo", "dau rua", "lam dau", "toi mo", "ra dau", "len dau", "vo dau",
    ),
    Part.LEGAL: (
        "can cu vao dau", "can cu dau", "can cu gi", "can cu vao mo", "can cu vao", "can cu chi",
        "theo luat nao", "luat nao", "luat gi", "luat mo", "quy dinh nao", "quy dinh o dau",
        "van ban nao", "nghi dinh nao", "nghi dinh may", "dua vao dau", "ai quy dinh",
        "can cu phap ly", "luat chi",
    ),
    Part.CALL: (
        "goi so nao", "goi so may", "goi so mo", "goi ai", "goi cho ai", "so nao", "so may",
        "hoi ai", "lien he ai", "lien he dau", "lien he o dau", "goi dau", "goi o dau", "goi mo",
        "so dien thoai", "sdt", "dien thoai so may", "hoi o dau", "goi dien cho ai",
    ),
    Part.RELATIVE: (), Part.CHILD: (), Part.CASE: (),
}  # fmt: skip
_PHRASES = sorted(
    ((way, part) for part, ways in _WAYS.items() for way in ways), key=lambda w: -len(w[0])
)
# "Cho bà hỏi", "giúp cháu với": with these words people mean themselves, unless it is said whose
# mother, child … it is, for whom it is done, or "what of …".
_OWN = r"(?: (?:toi|tui|em|minh|chau|nha|nha toi|nha em|noi|ngoai|vo|chong))"
_WHAT_OF = r"(?: (?:thi )?(?:lam )?(?:sao|rang|the nao|co duoc|duoc khong))"
_DO_FOR = r"(?:lam|dang ky|cai|mo|nop) (?:cho|ho|giup|dum|gium)"
_PARENTS = (
    r"(?:bo me|cha me|ba ma|ong ba|bo|cha|ba noi|ba ngoai|ong noi|ong ngoai|me|ma|vo|chong"
    r"|nguoi gia|nguoi nha|nguoi than)"
)
_GROWN_UP = rf"(?:{_PARENTS}|ong|ba|anh|chi|ngoai|noi|mi)"
_CHILD = r"(?:em be|tre em|con nho|con trai|con gai|chau nho|dua nho|con|chau|be|tre)"
# "va" stands for "còn" (and), which would fold to "con" (child).
_WHO = tuple(
    (part, re.compile(pattern))
    for part, pattern in (
        (Part.CHILD, rf"\b(?:{_DO_FOR}|va) {_CHILD}{_OWN}*\b(?! hoi| xem| coi| biet| xin| voi)"),
        (Part.CHILD, rf"\b(?:cho|con) {_CHILD}{_OWN}+\b"),
        (Part.CHILD, rf"\b{_CHILD}{_OWN}*{_WHAT_OF}\b"),
        (
            Part.RELATIVE,
            rf"\b(?:{_DO_FOR}|va|con) {_PARENTS}{_OWN}*\b(?! hoi| xem| coi| biet| xin)",
        ),
        (Part.RELATIVE, rf"\b(?:{_DO_FOR}|cho|va|con|ho|giup) {_GROWN_UP}{_OWN}+\b"),
        (Part.RELATIVE, rf"\b{_GROWN_UP}{_OWN}*{_WHAT_OF}\b"),
    )
)
# What may stand around a question without naming a matter of its own.
_FILLERS = {
    "ha", "dzay", "zay",
    "the", "vay", "rua", "ri", "thi", "la", "ma", "a", "ah", "da", "vang", "nhe", "nha", "nghe",
    "nghen", "hen", "nhi", "hi", "chau", "oi", "em", "anh", "chi", "bac", "co", "chu", "ong",
    "ba", "toi", "tui", "minh", "cho", "hoi", "xin", "voi", "khong", "ko", "k", "hong", "hok",
    "no", "duoc", "dc", "bi", "phai", "can", "mat", "ton", "het", "lam", "man", "nop", "den",
    "di", "thu", "tuc", "nay", "viec", "cai", "do", "ay", "con", "va", "nua", "roi", "xong", "gi",
    "sao", "rang", "nao", "ad", "bot", "tat", "ca", "khoang", "chung", "may", "theo", "vao",
    "len", "ra", "tra", "dong", "day", "vo", "nhieu", "tien", "giay", "phi", "thoi", "cu",
    "biet", "muon", "nhung", "cung", "neu", "xai", "dung", "dien", "thoai",
}  # fmt: skip
_NEEDS_NOTHING = re.compile(r"\b(?:khong|ko|k|hong|no|chua) can\b")
_CASE_FILLERS = {
    "the", "va", "con", "thi", "sao", "rang", "may", "la", "a", "ah", "da", "vang", "chau", "oi",
    "bac", "toi", "tui", "em", "minh", "nhe", "nha", "dung", "xai", "cua", "roi", "bi", "ha", "co",
    "dien", "thoai", "cai", "nay", "cho", "voi", "loai", "truong", "hop",
}  # fmt: skip
_PLACES = re.compile(
    r"dia_chi_|diem_chi_tra|diem_wifi|co_quan_bhxh|chi_nhanh_|ten_ttpvhcc|lich_luu_dong|cong_dvcqg"
    r"|trang_"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followup:
    """A question about the guide in hand."""

    part: Part
    case: str | None = None
    """The case that was named, for `Part.CASE`."""
    rest: frozenset[str] = frozenset()
    """Words that belong neither to the question nor to politeness: empty, and it names nothing."""


def find_followup(text: str, guide: Guide) -> Followup | None:
    """What of `guide` a short message asks for; None if it is no such question."""
    plain = fold(re.sub(r"\bcòn\b", "va", text.lower()))
    tokens = plain.split()
    if not 0 < len(tokens) <= MAX_WORDS:
        return None
    padded = f" {plain} "
    for way, part in _PHRASES:
        if f" {way} " in padded and not (part is Part.BRING and _NEEDS_NOTHING.search(plain)):
            return Followup(part=part, rest=_rest(padded.replace(f" {way} ", " ")))
    case = guide.variant_in(text)
    if case is not None:
        for word in sorted(map(fold, case.words), key=len, reverse=True):
            padded = padded.replace(f" {word} ", " ")
        return (
            Followup(part=Part.CASE, case=case.id) if set(padded.split()) <= _CASE_FILLERS else None
        )
    for part, pattern in _WHO:
        if found := pattern.search(plain):
            rest = _rest(plain[: found.start()] + " " + plain[found.end() :])
            return Followup(part=part, rest=rest)
    return None


def _rest(plain: str) -> frozenset[str]:
    return frozenset(plain.split()) - _FILLERS


_NAMES = {
    Part.FEE: "Lệ phí",
    Part.DURATION: "Thời gian",
    Part.BRING: "Cần có",
    Part.PLACE: "Làm ở đâu",
    Part.LEGAL: "Căn cứ",
    Part.CALL: "Gọi hỏi",
    Part.CHILD: "Làm cho con, cháu",
}
PARTS = tuple(_NAMES)
"""What can be said in one short message; the others are the guide once more for that case."""


def render_part(
    voice: Voice, guide: Guide, case: str | None, part: Part, choices: Sequence[Choice]
) -> Reply:
    """The part asked for, from which guide, of which day, and `choices` below it.

    Where the guide does not state it, that is said, and whom to call. Raises ContentError.
    """
    texts = _texts_of(guide, case, part)
    chosen = guide.variant_named(case)
    title = f"{guide.title} – {chosen.title}" if chosen else guide.title
    if not texts:
        missing = voice.guides.replies["part_missing"].text
        said = voice.say(missing, phan=_NAMES[part].lower())
        texts = (guide.help,)
        answer = f"{said}\n{voice.say(guide.help)}"
    elif len(texts) == 1:
        answer = f"{_NAMES[part]}: {voice.say(texts[0])}"
    else:
        answer = f"{_NAMES[part]}:\n" + "\n".join(f"• {voice.say(text)}" for text in texts)
    blocks = [answer, f"📌 {voice.say(title)}\n{dated_line(voice, guide, texts)}"]
    return render_texts(blocks, choices, guide.intent)


def _texts_of(guide: Guide, case: str | None, part: Part) -> tuple[str, ...]:
    """What a guide says on a part, still with `{{ fact }}`; empty if it says nothing."""
    match part:
        case Part.FEE:
            texts: tuple[str, ...] = (guide.fee,)
        case Part.DURATION:
            texts = (guide.duration,)
        case Part.BRING:
            texts = guide.bring
        case Part.LEGAL:
            texts = (guide.legal,)
        case Part.CALL:
            texts = (guide.help,)
        case Part.PLACE:
            texts = _places(guide, case)
        case _:
            texts = ()
    return tuple(text for text in texts if text)


def _places(guide: Guide, case: str | None) -> tuple[str, ...]:
    """The lines of a guide that name an office, an address or a web page."""
    steps = guide.steps_for(case) if case or not guide.variants else guide.steps
    lines = dict.fromkeys(line for step in steps for line in step.lines)
    return tuple(x for x in lines if any(_PLACES.match(name) for name in names_in(x)))
