"""Every rule that content must meet, as one list of problems with their paths.

Pure: the content folder is read elsewhere. `./dev check` and the officers' page show the result;
saving is refused when it is not empty.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from bot.errors import ContentError
from bot.guides import MAX_PICTURE_BYTES, Guide, GuideSet, Picture, Step, fold
from bot.lengths import STANDING_IN, Voices, long_cases, long_replies, voices_of
from bot.lints import lint_text, lint_value, typed_number
from bot.messages import MAX_CHARS, MAX_TITLE_CHARS
from bot.offices import OFFICE_VALUES, OPENING, Office
from bot.readability import check_guide, check_sentences, check_words
from bot.render import texts_of
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
MAX_DESCRIPTION: Final = 120
"""Of a picture: with it in place of the picture a message stays within Zalo's limit."""

MIN_ANSWERS, MAX_ANSWERS = 2, 4
"""Choices of one entry of the table of questions back."""

NEEDED_REPLIES: Final = (
    "chao_hoi", "cam_on", "tam_biet", "kha_nang_bot", "follow", "menu", "topic_menu", "clarify",
    "clarify_one",
    "can_hoi_lai", "not_these", "fallback", "no_guide", "out_of_scope", "phan_nan",
    "phan_anh_kien_nghi", "gap_can_bo_open", "gap_can_bo_closed", "yeu_cau_lam_ho",
    "vneid_an_toan", "secret_pasted", "unsupported_image", "unsupported_audio",
    "unsupported_video", "unsupported_sticker", "unsupported_file", "unsupported_location",
    "unsupported_link", "unsupported_card", "unsupported_gif", "error", "empty", "footer_medium",
    "expired_fact", "office_missing", "essential_services", "essential_service", "part_missing",
    "guide_done", "guide_ended", "feedback_helped", "feedback_not_helped", "caption_read",
)  # fmt: skip

_FILLED_IN: Final = {
    "no_guide": {"label"},
    "clarify_one": {"label"},
    "gio_lam_viec_dia_chi": {OPENING},
    "gap_can_bo_open": {OPENING},
    "gap_can_bo_closed": {OPENING},
    "essential_service": {"label", "tu_tim"},
    "part_missing": {"phan"},
    "guide_ended": {"label"},
    "feedback_not_helped": {"label", "noi_hoi", OPENING},
}
"""Reply → names that `answer` fills in besides facts and office values."""

_NAME: Final = re.compile(r"[a-z0-9_]+")
"""Names that go into buttons: anything else is not understood when it comes back."""
_HTML: Final = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--", re.I)
_PLACEHOLDER: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def check_content(guides: GuideSet, offices: Sequence[Office], today: date) -> list[Problem]:
    """All problems of the content, files in order."""
    problems: list[Problem] = []
    for check in (_registry, _replies, _services, _questions_back, _facts, _sentences):
        problems += check(guides)
    for office in offices:
        problems += _office(office)
    problems += _same_oa(offices)
    voices = voices_of(guides, offices, today)
    if voices is not None:
        problems += _lengths(guides, voices)
    for guide in guides.guides.values():
        problems += _guide(guide, guides, voices)
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
    labelled = [*((i.name, i.label) for i in guides.intents.values()), *guides.topics.items()]
    for name, label in labelled:
        for message in (*lint_text(label), *check_words(label)):
            yield Problem(path="intents.yaml", message=f"{name}: {message}")


def _replies(guides: GuideSet) -> Iterator[Problem]:
    for key in NEEDED_REPLIES:
        if key not in guides.replies:
            yield Problem(path="replies.yaml", message=f"thiếu câu {key}")
    for reply in guides.replies.values():
        extra = _FILLED_IN.get(reply.key, set())
        yield from _text("replies.yaml", reply.key, reply.text, guides, extra)
        if reply.key in STANDING_IN:
            yield from _only_phone(reply.text, reply.key)
        for name in reply.choices:
            if name not in guides.intents and name not in guides.topics:
                yield Problem(path="replies.yaml", message=f"{reply.key}: lựa chọn {name} lạ")


def _services(guides: GuideSet) -> Iterator[Problem]:
    path = "essential_services.yaml"
    for id, count in Counter(service.id for service in guides.services).items():
        if count > 1 or not _NAME.fullmatch(id):
            yield Problem(path=path, message=f"tên trùng hoặc không có chữ: {id}")
    for service in guides.services:
        if service.intent and service.intent not in guides.intents:
            yield Problem(path=path, message=f"{service.name}: ý định {service.intent} lạ")
        for message in lint_text(service.name):
            yield Problem(path=path, message=f"{service.name}: {message}")


def _questions_back(guides: GuideSet) -> Iterator[Problem]:
    path = "questions_back.yaml"
    labels = {fold(intent.label): intent.name for intent in guides.intents.values()}
    seen: set[str] = set()
    for question in guides.questions_back:
        where = question.words[0] if question.words else "mục chưa có câu nào"
        if not question.words:
            yield Problem(path=path, message=f"{where}: cần words")
        for phrase in question.words:
            plain = fold(phrase)
            if not plain:
                yield Problem(path=path, message=f"câu “{phrase}” không có chữ")
            if plain in seen:
                yield Problem(path=path, message=f"“{phrase}” có hai lần (so không dấu)")
            if plain in labels:
                yield Problem(path=path, message=f"“{phrase}” là tên của {labels[plain]}")
            seen.add(plain)
        if not MIN_ANSWERS <= len(question.choices) <= MAX_ANSWERS:
            yield Problem(
                path=path, message=f"{where}: cần {MIN_ANSWERS} tới {MAX_ANSWERS} lựa chọn"
            )
        if len(set(question.choices)) < len(question.choices):
            yield Problem(path=path, message=f"{where}: lựa chọn có hai lần")
        for name in question.choices:
            if name not in guides.intents:
                yield Problem(path=path, message=f"{where}: ý định {name} lạ")


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
        for message in lint_value(fact.value):
            yield Problem(path="facts", message=f"{fact.name}: {message}")


def _sentences(guides: GuideSet) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for kind, file in ((guides.phrases, "phrases.yaml"), (guides.expect, "expect.yaml")):
        for intent, sentences in kind.items():
            path = f"guides/{intent}/{file}"
            for sentence, key in zip(sentences, _keys(sentences), strict=True):
                if key in seen:
                    yield Problem(path=path, message=f"“{sentence}” đã có ở {seen[key]}")
                seen.setdefault(key, path)


@lru_cache(maxsize=4096)
def _keys(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Sentences as they are compared. Kept for a file as long as it does not change."""
    return tuple(map(fold, sentences))


def _office(office: Office) -> Iterator[Problem]:
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
    said = [*office.values.items(), *((h.name, h.contact) for h in office.hamlets)]
    for name, value in said:
        for message in (*lint_value(value), *check_words(value)):
            yield Problem(path=path, message=f"{name}: {message}")


def _lengths(guides: GuideSet, voices: Voices) -> Iterator[Problem]:
    for slug, key in long_replies(guides, voices):
        yield Problem(path="replies.yaml", message=f"{key}: dài quá {MAX_CHARS} chữ (xã {slug})")


def _same_oa(offices: Sequence[Office]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for office in offices:
        first = owners.setdefault(office.oa_id, office.slug)
        if first != office.slug:
            yield Problem(path=f"offices/{office.slug}.yaml", message=f"trùng oa_id với xã {first}")


def _guide(guide: Guide, guides: GuideSet, voices: Voices | None) -> Iterator[Problem]:
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
        for message in check_guide(guide):
            yield problem(message)
        if voices is not None and "footer_medium" in guides.replies:
            for message in long_cases(guide, voices):
                yield problem(message)


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
        if step.picture is not None:
            yield from _picture(step, step.picture, problem)
    if not guide.steps:
        yield problem("hướng dẫn chưa có bước nào")
    for case in guide.variants:
        if not guide.steps_for(case.id):
            yield problem(f"trường hợp {case.title} không có bước nào")
        if len(case.title) > MAX_TITLE_CHARS:
            yield problem(f"tên trường hợp dài quá {MAX_TITLE_CHARS} chữ: {case.title}")
    cases = (None, *(v.id for v in guide.variants))
    if any(sum(s.picture is not None for s in guide.steps_for(case)) > 1 for case in cases):
        yield problem("một trường hợp có nhiều hơn một hình, mỗi lần trả lời chỉ gửi được một")


def _picture(step: Step, picture: Picture, problem: Callable[[str], Problem]) -> Iterator[Problem]:
    where = f"bước {step.id}: hình {picture.file}"
    if not picture.description:
        yield problem(f"{where} chưa có lời mô tả, viết giữa hai dấu [ ]")
    if len(picture.description) > MAX_DESCRIPTION:
        yield problem(f"{where}: lời mô tả dài quá {MAX_DESCRIPTION} chữ")
    if not picture.size:
        yield problem(f"{where}: không có tệp này bên cạnh guide.md, hoặc tệp trống")
    elif not picture.media_type:
        yield problem(f"{where} phải là ảnh PNG hoặc JPG")
    elif picture.size > MAX_PICTURE_BYTES:
        yield problem(f"{where} nặng quá 1 MB ({picture.size} byte), xin thu nhỏ")


def _text(path: str, key: str, text: str, guides: GuideSet, extra: set[str]) -> Iterator[Problem]:
    """Problems of one text: its names, its words, and what has to be a fact instead."""
    where = f"{key}: " if key else ""
    try:
        names = names_in(text)
    except ContentError as exc:
        yield Problem(path=path, message=f"{where}{exc.message}: {text}")
        return
    for name in sorted(names - guides.facts.keys() - OFFICE_VALUES.keys() - extra):
        yield Problem(path=path, message=f"{where}dữ kiện {name} chưa có")
    if found := _HTML.search(text):
        yield Problem(path=path, message=f"{where}không dùng HTML: {found[0]}")
    if number := typed_number(text):
        yield Problem(path=path, message=f"{where}{number} phải là dữ kiện")
    words = check_words(_with_facts(text, guides))
    for message in (*lint_text(text), *check_sentences(text), *words):
        yield Problem(path=path, message=f"{where}{message}")


def _with_facts(text: str, guides: GuideSet) -> str:
    """`text` with its facts in place; office values, looked at by themselves, stay names."""
    if "{{" not in text:
        return text
    facts = guides.facts
    return _PLACEHOLDER.sub(lambda m: facts[m[1]].value if m[1] in facts else m[0], text)
