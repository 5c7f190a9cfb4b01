"""What a seventy-year-old can read: short sentences, plain words, terms that are explained.

Pure. Syllables are counted as in Vietnamese: one written word each, a filled-in fact or office
value being one, so that the long name of a law does not weigh. What stands in **bold** is a button
or something to type, not our words, and is measured for length only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.guides import Guide
from bot.lints import FORM_NAME

MAX_SENTENCE: Final = 22
"""Most syllables of one sentence."""
MAX_LINE: Final = 30
"""Most syllables of one line of a step."""
MAX_LINE_SENTENCES: Final = 2
STEPS: Final = (2, 8)
"""Fewest and most steps of one case of a guide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jargon:
    """A word of offices, the word to use instead, and why it is hard."""

    word: str
    """Lower case; `|` separates forms."""
    instead: str
    why: str


JARGON: Final = (
    Jargon(word="tiến hành", instead="làm", why="không thêm nghĩa gì"),
    Jargon(word="thực hiện", instead="làm", why="chữ của văn bản"),
    Jargon(word="xuất trình", instead="đưa, cho xem", why="chữ của văn bản"),
    Jargon(word="đối tượng", instead="người", why="không ai tự gọi mình là đối tượng"),
    Jargon(word="thụ hưởng", instead="được nhận", why="từ Hán Việt ít nghe"),
    Jargon(word="có thẩm quyền", instead="tên nơi đó, như Ủy ban xã", why="không rõ là nơi nào"),
    Jargon(
        word="theo quy định|đúng quy định|quy định hiện hành",
        instead="nói rõ là gì",
        why="không biết quy định nói gì",
    ),
    Jargon(word="trích xuất", instead="lấy ra", why="từ kỹ thuật"),
    Jargon(word="công dân", instead="bà con, người dân", why="xa cách"),
    Jargon(word="kê khai", instead="khai, điền", why="chữ của văn bản"),
    Jargon(word="hoàn tất|hoàn thiện", instead="làm xong, làm đủ", why="chữ của văn bản"),
    Jargon(word="trực tuyến", instead="trên mạng", why="bà con nói là trên mạng"),
    Jargon(word="truy cập", instead="vào, mở", why="từ kỹ thuật"),
    Jargon(word="thao tác", instead="bấm, làm", why="từ kỹ thuật"),
    Jargon(word="hiển thị", instead="hiện", why="từ kỹ thuật"),
    Jargon(word="tương thích", instead="dùng được", why="từ kỹ thuật"),
    Jargon(word="niêm yết", instead="dán", why="từ Hán Việt ít nghe"),
    Jargon(word="hiện hành", instead="đang dùng", why="chữ của văn bản"),
    Jargon(word="nêu trên|dưới đây theo", instead="gọi lại tên", why="phải đọc ngược lên"),
    Jargon(word="phương thức", instead="cách", why="chữ của văn bản"),
    Jargon(word="phát sinh", instead="có thêm", why="chữ của văn bản"),
    Jargon(word="khắc phục", instead="sửa", why="chữ của văn bản"),
    Jargon(word="đối với", instead="với, còn", why="chữ của văn bản"),
    Jargon(word="trong vòng", instead="trong", why="không thêm nghĩa gì"),
    Jargon(word="vui lòng|quý khách|quý công dân", instead="xin, bà con", why="lời của máy"),
    Jargon(word="giấy tờ (?:tùy|tuỳ) thân", instead="thẻ căn cước", why="không rõ giấy gì"),
    Jargon(word="nhân thân", instead="họ tên, ngày sinh", why="từ Hán Việt ít nghe"),
    Jargon(word="sinh trắc học", instead="khuôn mặt, vân tay", why="từ kỹ thuật"),
    Jargon(word="đồng bộ", instead="đưa sang", why="từ kỹ thuật"),
    Jargon(word="online|website|web|file|click|login|smartphone|upload|download|link web",
           instead="trên mạng, trang, tệp, bấm, vào, điện thoại thông minh", why="tiếng Anh"),
)  # fmt: skip
"""Words that a citizen should not have to know. Add one with the plain word and the reason."""

_MAY_STAND: Final = re.compile(r"công dân số|công dân nước|căn cước công dân", re.I)
"""Names that contain a word of the list."""

TERMS: Final = (
    "OTP", "PIN", "NFC", "passcode", "VssID", "trích lục", "chứng thực", "tích hợp", "toàn trình",
    "liên thông", "công dân số", "số định danh", "chữ ký số", "hộ tịch", "cải chính", "trước bạ",
)  # fmt: skip
"""Terms that one meets and has to learn: said with their meaning where a guide first uses them."""

KNOWN_ABBREVIATIONS: Final = frozenset(
    {"VNeID", "VssID", "OTP", "SIM", "NFC", "QR", "ATM", "PIN", "PDF", "OCOP", "CH", "OPPO"}
)
"""Abbreviations that may stand: printed on screens, cards and shops (CH Play), or terms above.

Left out on purpose though officers use them daily: UBND, CCCD, BHXH, BHYT, DVC, TTHC, OA.
"""
LOWER_CASE_ABBREVIATIONS: Final = frozenset(
    {"stk", "sdt", "sđt", "tk", "đt", "ubnd", "bhxh", "bhyt", "dvc", "tthc", "cccd", "cmnd", "vb",
     "tt", "nd", "gplx", "tp", "vd", "v.v", "dvcqg", "asxh", "gd", "sms"}
)  # fmt: skip

_PLACEHOLDER: Final = re.compile(r"\{\{.*?\}\}")
_BOLD: Final = re.compile(r"\*\*.+?\*\*")
_SYLLABLE: Final = re.compile(r"[^\W_]+(?:[.,/@:-][^\W_]+)*")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[”\")]*\s+|\n")
_TOKEN: Final = re.compile(r"\w+(?:\.\w+)*")
_LAW_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?/\S+")
_FORM: Final = re.compile(FORM_NAME)
_JARGON: Final = tuple((re.compile(rf"(?<!\w)(?:{j.word})(?!\w)", re.I), j) for j in JARGON)
_ANY_JARGON: Final = re.compile("|".join(j.word for j in JARGON), re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """How heavy a guide is to read."""

    mean: float
    """Syllables of a sentence on average."""
    longest: int
    """Syllables of the longest sentence."""
    sentences: int
    steps: int
    """Steps of the longest case."""


def measure(guide: Guide) -> Readability:
    """Figures of everything that a guide may say, its common errors included."""
    lengths = [
        count for text in (*_in_reading_order(guide), guide.helper) for count in _lengths(text)
    ]
    cases: list[str | None] = [v.id for v in guide.variants]
    return Readability(
        mean=sum(lengths) / len(lengths) if lengths else 0.0,
        longest=max(lengths, default=0),
        sentences=len(lengths),
        steps=max(len(guide.steps_for(case)) for case in cases or [None]),
    )


@lru_cache(maxsize=65_536)
def check_sentences(text: str) -> tuple[str, ...]:
    """Sentences of a text that are too long; a placeholder counts as one syllable."""
    return tuple(
        f"câu dài {count} tiếng, nhiều nhất {MAX_SENTENCE}: “{sentence.strip()}”"
        for sentence in _SENTENCE_END.split(text)
        if (count := _syllables(sentence)) > MAX_SENTENCE
    )


@lru_cache(maxsize=65_536)
def check_words(text: str) -> tuple[str, ...]:
    """Words of offices and abbreviations in a text with its facts in place, or in a value."""
    own_words = _LAW_NUMBER.sub(" ", _BOLD.sub(" ", _PLACEHOLDER.sub(" ", text)))
    return (*_jargon(own_words), *_abbreviations(own_words))


@lru_cache(maxsize=1024)
def check_guide(guide: Guide) -> tuple[str, ...]:
    """What is hard to read in a guide as a whole: its lines, its length, its terms."""
    return (*_check_steps(guide), *unexplained_terms(guide))


def _check_steps(guide: Guide) -> Iterator[str]:
    for step in guide.steps:
        for line in step.lines:
            if why := line_problem(line):
                yield f"bước {step.id}: {why}: “{line}”"
    for case in guide.variants or (None,):
        count = len(guide.steps_for(case.id if case else None))
        fewest, most = STEPS
        if not fewest <= count <= most:
            name = f" (trường hợp {case.title})" if case else ""
            yield f"có {count} bước{name}, cần từ {fewest} đến {most}"


@lru_cache(maxsize=65_536)
def line_problem(line: str) -> str | None:
    """Why a line of a step is more than one action; None if it is one.

    One action is what is done before looking at the screen again. "Bấm A rồi chọn B" is one, and
    a second sentence may say what is then seen or where help is; what is too much is a chain
    (two or more "rồi" or "sau đó"), a third sentence, or more than `MAX_LINE` syllables. A
    sentence that only names a value ("Địa chỉ: {{ … }}.") is not counted: nothing is done in it.
    """
    if len(re.findall(r"(?<!\w)(?:rồi|sau đó|xong thì)(?= \w)", line, re.I)) > 1:
        return "nhiều việc nối nhau bằng “rồi”, tách thành hai dòng"
    doing = [s for s in _SENTENCE_END.split(line) if s.strip() and not _only_names(s)]
    if len(doing) > MAX_LINE_SENTENCES:
        return f"quá {MAX_LINE_SENTENCES} câu trên một dòng"
    if (count := _syllables(line)) > MAX_LINE:
        return f"dòng dài {count} tiếng, nhiều nhất {MAX_LINE}"
    return None


def _only_names(sentence: str) -> bool:
    return bool(re.fullmatch(r"[^:.]{1,40}: ?\{\{[^}]*\}\}[.!?”\"]*", sentence.strip()))


def unexplained_terms(guide: Guide) -> Iterator[str]:
    """Terms whose first use in reading order does not say what they mean.

    Explained is a term with a bracket around it or right after it, with ":", "là", "tức" or
    "nghĩa là" right after it, or with "gọi là" before it; a step is one text with its title. A
    guide whose title holds the term needs no more: it is the explanation. `helper` speaks to a
    younger person and does not count. Only "PIN" is a term, "pin" is a battery.
    """
    texts = [_PLACEHOLDER.sub(" ", text) for text in _in_reading_order(guide)]
    for term in TERMS:
        uses, explains = _term_patterns(term)
        if uses.search(guide.title):
            continue
        first = next((t for t in texts if uses.search(t)), None)
        if first is not None and not explains.search(first.replace("**", "")):
            yield f"“{term}” chưa được giải nghĩa ở chỗ nhắc đầu tiên: “{first}”"


@lru_cache(maxsize=64)
def _term_patterns(term: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    word = rf"(?<!\w){re.escape(term)}(?!\w)"
    explained = (
        rf"{word}[”\"]?(?: \w+){{0,2}}[”\"]? ?\(|{word}[”\"]? ?(?::|là |tức |nghĩa là )"
        rf"|\([^)]*{word}[^)]*\)|gọi là [“\"]?{word}|{word} gửi (?:về|tới) "
    )
    case = 0 if term.isupper() else re.I
    return re.compile(word, case), re.compile(explained, case)


def _in_reading_order(guide: Guide) -> tuple[str, ...]:
    """Texts as a citizen meets them: heading, steps, closing lines, then errors on request.

    A step is one text, its title and lines being parted by line ends.
    """
    return (
        guide.title, guide.answer, guide.audience, *guide.bring, guide.fee, guide.duration,
        *(v.title for v in guide.variants),
        *("\n".join((s.title, *s.lines)) for s in guide.steps),
        guide.safety, guide.help, guide.legal,
        *(error for s in guide.steps for error in s.errors),
    )  # fmt: skip


def _syllables(text: str) -> int:
    return len(_SYLLABLE.findall(_PLACEHOLDER.sub(" x ", text).replace("**", "")))


def _lengths(text: str) -> list[int]:
    counts = (_syllables(s) for s in _SENTENCE_END.split(text))
    return [c for c in counts if c]


def _jargon(text: str) -> Iterator[str]:
    plain = _MAY_STAND.sub(" ", text)
    for rule, jargon in _JARGON if _ANY_JARGON.search(plain) else ():
        if found := rule.search(plain):
            yield f"“{found[0]}” khó hiểu ({jargon.why}): dùng “{jargon.instead}”"


def _abbreviations(text: str) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        # All capitals, Đ included; digits may follow, as long as it is not a form's name (CT01).
        is_capitals = token.upper() == token and sum(c.isupper() for c in token) >= 2
        is_known = token in KNOWN_ABBREVIATIONS or _FORM.fullmatch(token)
        if (is_capitals and not is_known) or token in LOWER_CASE_ABBREVIATIONS:
            yield f"chữ viết tắt {token}: viết đủ chữ"
