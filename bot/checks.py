"""Every rule that content must meet, as one list of problems with their paths.

Pure: the content folder is read elsewhere. `./dev check` and the officers' page show the result;
saving is refused when it is not empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.errors import ContentError
from bot.guides import Guide, GuideSet, fold
from bot.messages import MAX_CHARS, MAX_TITLE_CHARS
from bot.offices import OFFICE_VALUES, Office
from bot.render import (
    Choice,
    Voice,
    render_errors,
    render_guide,
    render_prepared,
    texts_of,
    voice_of,
)
from bot.templates import names_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something an officer has to mend. `path` is relative to the content folder."""

    path: str
    message: str
    """Vietnamese."""

    def __str__(self) -> str:
        return f"[LỖI] {self.path}: {self.message}"


MAX_TITLE: Final = 60
MAX_ANSWER: Final = 220

NEEDED_REPLIES: Final = (
    "chao_hoi", "cam_on", "tam_biet", "kha_nang_bot", "follow", "menu", "topic_menu", "clarify",
    "clarify_one",
    "can_hoi_lai", "not_these", "fallback", "no_guide", "out_of_scope", "phan_nan",
    "phan_anh_kien_nghi", "gap_can_bo_open", "gap_can_bo_closed", "yeu_cau_lam_ho",
    "vneid_an_toan", "secret_pasted", "unsupported_image", "unsupported_audio",
    "unsupported_video", "unsupported_sticker", "unsupported_file", "unsupported_location",
    "unsupported_link", "unsupported_card", "unsupported_gif", "error", "empty", "footer_medium",
    "expired_fact", "office_missing",
)  # fmt: skip

_LABELLED: Final = {"no_guide", "clarify_one"}
"""Replies that are filled with the name of a matter."""
_STANDING_IN: Final = {"office_missing", "expired_fact"}
"""Replies that stand in for a value: they are filled before there are any values."""

_ABOLISHED: Final = re.compile(
    r"(công an|ubnd|uỷ ban nhân dân|ủy ban nhân dân|bhxh|bảo hiểm xã hội|bảo hiểm|"
    r"phòng tư pháp|phòng lđ-?tb&?xh)\s+(cấp\s+)?(huyện|quận|thị xã)|phòng lao động",
    re.I,
)
_NAME: Final = re.compile(r"[a-z0-9_]+")
"""Names that go into buttons: anything else is not understood when it comes back."""
_HTML: Final = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--", re.I)
_NO_LONGER_LAW: Final = re.compile(r"\b(42/2022|13/2023|20/2021)\b")

# Numbers that have to be facts: telephone numbers, amounts, spans of time, laws, web addresses.
_BARE: Final = (
    ("số điện thoại", re.compile(r"(?<!\d)(?:1[89]00[ .]?\d{2,4}|0\d{2,3}[ .]?\d{3}[ .]?\d{3,4})")),
    ("số tiền", re.compile(r"\d[\d.,]*\s*(?:đồng|đ\b|nghìn|triệu|%)")),
    ("thời hạn", re.compile(r"\d+\s*(?:ngày|giờ|phút|tháng|năm|tuần|tuổi|giây)")),
    ("số văn bản", re.compile(r"\d+/\d{4}")),
    ("địa chỉ web", re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.(?:vn|com|net|org)\b")),
)


def check_content(guides: GuideSet, offices: Sequence[Office], today: date) -> list[Problem]:
    """All problems of the content, files in order."""
    problems: list[Problem] = []
    for check in (_registry, _replies, _facts, _sentences):
        problems += check(guides)
    for office in offices:
        problems += _office(office, guides)
        problems += _lengths(office, guides, today)
    problems += _same_oa(offices)
    for guide in guides.guides.values():
        problems += _guide(guide, guides, offices, today)
    return problems


def _registry(guides: GuideSet) -> Iterator[Problem]:
    labels: dict[str, str] = {}
    for intent in guides.intents.values():
        if not _NAME.fullmatch(intent.name):
            yield Problem(path="intents.yaml", message=f"{intent.name}: mã chỉ gồm a-z, 0-9, _")
        if intent.topic not in guides.topics:
            yield Problem(path="intents.yaml", message=f"{intent.name}: chủ đề {intent.topic} lạ")
        if len(intent.label) > MAX_TITLE_CHARS:
            yield Problem(
                path="intents.yaml", message=f"{intent.name}: tên dài quá {MAX_TITLE_CHARS} chữ"
            )
        if fold(intent.label) in labels:
            yield Problem(
                path="intents.yaml",
                message=f"{intent.name} và {labels[fold(intent.label)]} trùng tên",
            )
        labels[fold(intent.label)] = intent.name


def _replies(guides: GuideSet) -> Iterator[Problem]:
    for key in NEEDED_REPLIES:
        if key not in guides.replies:
            yield Problem(path="replies.yaml", message=f"thiếu câu {key}")
    for reply in guides.replies.values():
        extra = {"label"} if reply.key in _LABELLED else set[str]()
        yield from _text("replies.yaml", reply.key, reply.text, guides, extra, numbers=False)
        if reply.key in _STANDING_IN:
            yield from _only_phone(reply.text, reply.key)
        for name in reply.choices:
            if name not in guides.intents and name not in guides.topics:
                yield Problem(path="replies.yaml", message=f"{reply.key}: lựa chọn {name} lạ")


def _only_phone(text: str, key: str) -> Iterator[Problem]:
    try:
        others = sorted(names_in(text) - {"sdt_ttpvhcc"})
    except ContentError:
        return  # reported as a bad text
    if others:
        yield Problem(
            path="replies.yaml",
            message=f"{key}: chỉ được dùng {{{{ sdt_ttpvhcc }}}}, gặp {', '.join(others)}",
        )


def _facts(guides: GuideSet) -> Iterator[Problem]:
    for fact in guides.facts.values():
        if not fact.value or "{{" in fact.value:
            yield Problem(path="facts", message=f"{fact.name}: giá trị trống hoặc có dấu {{{{ }}}}")
        if fact.name in OFFICE_VALUES:
            yield Problem(path="facts", message=f"{fact.name} trùng tên với dữ liệu của xã")
        if fact.review_by <= fact.checked_on:
            yield Problem(path="facts", message=f"{fact.name}: hạn xem lại phải sau ngày kiểm tra")
        for rule, message in (
            (_ABOLISHED, "cơ quan đã bỏ"),
            (_NO_LONGER_LAW, "văn bản hết hiệu lực"),
        ):
            if rule.search(fact.value):
                yield Problem(path="facts", message=f"{fact.name} nhắc {message}: {fact.value}")


def _sentences(guides: GuideSet) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for kind, file in ((guides.phrases, "phrases.yaml"), (guides.expect, "expect.yaml")):
        for intent, sentences in kind.items():
            path = f"guides/{intent}/{file}"
            for sentence in sentences:
                key = fold(sentence)
                if key in seen:
                    yield Problem(path=path, message=f"“{sentence}” đã có ở {seen[key]}")
                seen.setdefault(key, path)


def _office(office: Office, guides: GuideSet) -> Iterator[Problem]:
    path = f"offices/{office.slug}.yaml"
    for name in sorted(office.values.keys() - OFFICE_VALUES.keys()):
        yield Problem(path=path, message=f"mục {name} lạ")
    for name in sorted(name for name, value in office.values.items() if "{{" in value):
        yield Problem(path=path, message=f"{name}: giá trị có dấu {{{{ }}}}")
    for name in ("ten_xa", "sdt_ttpvhcc", "sdt_cong_an_xa", "gio_lam_viec"):
        if name not in office.values:
            yield Problem(path=path, message=f"chưa điền {OFFICE_VALUES[name]} ({name})")
    if not any(office.hours):
        yield Problem(path=path, message="chưa có giờ làm việc của ngày nào")


def _lengths(office: Office, guides: GuideSet, today: date) -> Iterator[Problem]:
    """Prepared replies are one message each, their numbered choices included."""
    voice = _voice(guides, office, today)
    if voice is None:
        return
    for reply in guides.replies.values():
        choices = [Choice(title=guides.label(name), payload="") for name in reply.choices]
        try:
            text = render_prepared(voice, reply, choices, label="x" * MAX_TITLE_CHARS).text
        except ContentError:
            continue
        if len(text) > MAX_CHARS:
            yield Problem(
                path="replies.yaml",
                message=f"{reply.key}: dài quá {MAX_CHARS} chữ (xã {office.slug})",
            )


def _voice(guides: GuideSet, office: Office, today: date) -> Voice | None:
    """The voice of an office; None if a reply that stands in for values is missing or broken."""
    if not guides.replies.keys() >= _STANDING_IN:
        return None
    try:
        return voice_of(guides, office, today)
    except ContentError:
        return None


def _same_oa(offices: Sequence[Office]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for office in offices:
        first = owners.setdefault(office.oa_id, office.slug)
        if first != office.slug:
            yield Problem(path=f"offices/{office.slug}.yaml", message=f"trùng oa_id với xã {first}")


def _guide(
    guide: Guide, guides: GuideSet, offices: Sequence[Office], today: date
) -> Iterator[Problem]:
    path = f"guides/{guide.intent}/guide.md"

    def problem(message: str) -> Problem:
        return Problem(path=path, message=message)

    for name, text in (("answer", guide.answer), ("safety", guide.safety), ("help", guide.help)):
        if not text:
            yield problem(f"thiếu {name}")
    if len(guide.title) > MAX_TITLE:
        yield problem(f"tên dài quá {MAX_TITLE} chữ")
    if len(guide.answer) > MAX_ANSWER:
        yield problem(f"câu trả lời đầu dài quá {MAX_ANSWER} chữ")
    if guide.review_by <= guide.checked_on:
        yield problem("hạn xem lại phải sau ngày kiểm tra")
    for name in guide.related:
        if name not in guides.intents:
            yield problem(f"hướng dẫn liên quan {name} không có")
    in_texts = [p for text in texts_of(guide) for p in _text(path, "", text, guides, set())]
    yield from in_texts
    yield from _steps(guide, problem)
    if not in_texts:
        # A text with a mistake cannot be rendered, and is already reported.
        yield from _budget(guide, guides, offices, today, problem)


def _steps(guide: Guide, problem: Callable[[str], Problem]) -> Iterator[Problem]:
    ids = [s.id for s in guide.steps]
    for id in sorted({i for i in ids if ids.count(i) > 1}):
        yield problem(f"hai bước cùng mã {id}")
    known = {v.id for v in guide.variants}
    if len(known) < len(guide.variants):
        yield problem("hai trường hợp cùng mã")
    for id in sorted(known):
        if not _NAME.fullmatch(id):
            yield problem(f"mã trường hợp {id} chỉ được gồm a-z, 0-9, _")
    for step in guide.steps:
        if not step.lines:
            yield problem(f"bước {step.id} chưa có việc nào")
        for variant in sorted(step.variants - known):
            yield problem(f"bước {step.id}: trường hợp {variant} chưa khai báo")
    if not guide.steps:
        yield problem("hướng dẫn chưa có bước nào")
    for case in guide.variants:
        if not guide.steps_for(case.id):
            yield problem(f"trường hợp {case.title} không có bước nào")
        if len(case.title) > MAX_TITLE_CHARS:
            yield problem(f"tên trường hợp dài quá {MAX_TITLE_CHARS} chữ: {case.title}")


def _text(
    path: str, key: str, text: str, guides: GuideSet, extra: set[str], *, numbers: bool = True
) -> Iterator[Problem]:
    """Problems of one text: its names, abolished bodies, laws out of force, bare numbers."""
    where = f"{key}: " if key else ""
    try:
        names = names_in(text)
    except ContentError as exc:
        yield Problem(path=path, message=f"{where}{exc.message}: {text}")
        return
    for name in sorted(names - guides.facts.keys() - OFFICE_VALUES.keys() - extra):
        yield Problem(path=path, message=f"{where}dữ kiện {name} chưa có")
    if found := _ABOLISHED.search(text):
        yield Problem(path=path, message=f"{where}nhắc cơ quan đã bỏ: {found[0]}")
    if found := _HTML.search(text):
        yield Problem(path=path, message=f"{where}không dùng HTML: {found[0]}")
    if found := _NO_LONGER_LAW.search(text):
        yield Problem(path=path, message=f"{where}nhắc văn bản hết hiệu lực: {found[0]}")
    if numbers:
        for kind, rule in _BARE:
            if found := rule.search(re.sub(r"\{\{.*?\}\}", " ", text)):
                yield Problem(path=path, message=f"{where}{kind} “{found[0]}” phải là dữ kiện")


def _budget(
    guide: Guide,
    guides: GuideSet,
    offices: Sequence[Office],
    today: date,
    problem: Callable[[str], Problem],
) -> Iterator[Problem]:
    """The guide fits its messages for every office and case, with four full-length choices."""
    if "footer_medium" not in guides.replies:
        return
    choices = [Choice(title="x" * MAX_TITLE_CHARS, payload="g1:x")] * 4
    for office in offices:
        voice = _voice(guides, office, today)
        if voice is None:
            return
        for variant in (None, *(v.id for v in guide.variants)):
            try:
                render_guide(voice, guide, variant, choices)
                render_errors(voice, guide, variant, choices)
            except ContentError as exc:
                yield problem(f"{exc.message} (xã {office.slug}, trường hợp {variant or 'chung'})")
