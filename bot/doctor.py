"""`check` and `doctor`: what has to be mended in the content, and before going live."""

from __future__ import annotations

from collections.abc import Iterator

from bot.content import load_content
from bot.errors import SettingsError
from bot.guides import GuideSet
from bot.processes import today
from bot.readability import measure
from bot.settings import Settings

HEAVIEST = 3
"""How many guides the summary of `check` names as the heaviest to read."""


def check(settings: Settings, *, all_guides: bool = False) -> int:
    """Prints every problem of the content folder, and how heavy its guides are to read.

    The heaviest guides, or all of them, one line each. Exit code 1 if there is a problem.
    """
    if not settings.content_dir.is_dir():
        raise SettingsError(f"{settings.content_dir} does not exist; set CONTENT_DIR")
    content = load_content(settings.content_dir, today())
    for problem in content.problems:
        print(problem)
    guides = content.guides
    for line in _readability(guides, None if all_guides else HEAVIEST):
        print(line)
    phrases = sum(map(len, guides.phrases.values()))
    print(
        f"{len(guides.guides)} hướng dẫn, {len(guides.facts)} dữ kiện, {phrases} câu mẫu, "
        f"{len(content.offices)} xã: {len(content.problems)} lỗi"
    )
    return 1 if content.problems else 0


def _readability(guides: GuideSet, limit: int | None) -> Iterator[str]:
    measured = {intent: measure(guide) for intent, guide in guides.guides.items()}
    if not measured:
        return
    sentences = sum(m.sentences for m in measured.values())
    mean = sum(m.mean * m.sentences for m in measured.values()) / max(sentences, 1)
    longest = max(m.longest for m in measured.values())
    yield f"Dễ đọc: {sentences} câu, trung bình {mean:.1f} tiếng, dài nhất {longest}; nặng nhất:"
    heavy = sorted(measured.items(), key=lambda item: -item[1].mean)[:limit]
    for intent, m in heavy:
        yield (
            f"  {intent}: trung bình {m.mean:.1f} tiếng một câu, dài nhất {m.longest}, "
            f"{m.sentences} câu, {m.steps} bước"
        )


def doctor(settings: Settings) -> int:
    """Prints what stands against going live. Exit code 1 if there is anything."""
    found = list(_obstacles(settings))
    for line in found:
        print(f"[CHƯA] {line}")
    print(f"{len(found)} việc phải làm trước khi chạy thật" if found else "Có thể chạy thật.")
    return 1 if found else 0


def _obstacles(settings: Settings) -> Iterator[str]:
    content = load_content(settings.content_dir, today())
    if content.problems:
        yield f"nội dung còn {len(content.problems)} lỗi: xem ./dev check"
    for office in content.offices.values():
        if office.is_example:
            yield f"offices/{office.slug}.yaml là xã ví dụ: thay bằng dữ liệu của xã"
    for fact in content.guides.facts.values():
        if fact.is_expired(today()):
            yield f"dữ kiện {fact.name} quá hạn xem lại ngày {fact.review_by:%d/%m/%Y}"
    for name, value in (
        ("ZALO_APP_ID", settings.zalo_app_id),
        ("ZALO_APP_SECRET", settings.zalo_app_secret),
        ("ZALO_OA_SECRET", settings.zalo_oa_secret),
    ):
        if not value:
            yield f"chưa đặt {name}"
    if settings.is_simulated:
        yield "SIMULATE đang bật: tin nhắn chỉ tới trang mô phỏng"
