"""The content folder: files that officers edit → values; nothing else reads them.

A broken file is reported with its path and left out; everything else stays in use. YAML is read
as text only, because the usual loader takes `50.000` for 50.0, `13:30` for 810 and `no` for False.
All text becomes NFC here.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date
from datetime import time as clock_time
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.checks import Problem, check_content
from bot.errors import ContentError
from bot.guides import (
    Act,
    Confidence,
    Fact,
    Guide,
    GuideSet,
    Intent,
    Picture,
    PreparedReply,
    QuestionBack,
    Service,
    Step,
    Thresholds,
    Variant,
)
from bot.offices import Hamlet, Office
from bot.pictures import MARK, measure_picture, parse_picture
from bot.render import voice_of

_TEXT_ONLY = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the C one is faster
_HEADING = re.compile(
    r"##\s+(?P<title>.+?)\s*\{#(?P<id>[a-z0-9_]+)(?P<classes>(?:\s+\.[a-z0-9_]+)*)\s*\}\s*"
)
_ERRORS_HEADING = "### Hay gặp"
_INDISPENSABLE = (
    "fallback", "error", "secret_pasted", "clarify", "clarify_one", "can_hoi_lai", "footer_medium",
)  # fmt: skip
"""Replies that answering leans on when everything else is missing."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GUIDE_FIELDS = {
    "title", "answer", "audience", "bring", "fee", "duration", "legal", "safety", "help",
    "helper", "related", "variants", "owner", "checked_on", "review_by",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The whole content folder at one moment."""

    guides: GuideSet
    offices: Mapping[str, Office]
    """By slug."""
    problems: tuple[Problem, ...]
    """Everything that an officer has to mend, path by path."""

    def office_of(self, oa_id: str) -> Office | None:
        """The office with this OA, None if it is not ours."""
        return next((o for o in self.offices.values() if o.oa_id == oa_id), None)


def load_content(root: Path, today: date, files: Files | None = None) -> Content:
    """Everything in the content folder, with all problems found. Never raises on bad content.

    With the same `files` as before only what has changed since then is read again.
    """
    reader = _Reader(root, files or Files())
    topics, intents = reader.intents()
    facts = reader.facts()
    replies = reader.replies()
    guides: dict[str, Guide] = {}
    phrases: dict[str, tuple[str, ...]] = {}
    expect: dict[str, tuple[str, ...]] = {}
    for folder in sorted(p for p in (root / "guides").glob("*") if p.is_dir()):
        name = folder.name
        if name not in intents:
            reader.report(f"guides/{name}", "không có ý định này trong intents.yaml")
        phrases[name] = reader.sentences(folder / "phrases.yaml", "phrases")
        expect[name] = reader.sentences(folder / "expect.yaml", "sentences")
        if (folder / "guide.md").exists():
            guide = reader.guide(folder / "guide.md", name, len(phrases[name]))
            if guide is not None:
                guides[name] = guide
    offices = {o.slug: o for o in reader.offices()}
    guide_set = GuideSet(
        intents=intents, topics=topics, guides=guides, facts=facts, replies=replies,
        phrases=phrases, expect=expect, thresholds=reader.thresholds(),
        services=tuple(reader.services()), questions_back=tuple(reader.questions_back()),
    )  # fmt: skip
    problems = (*reader.problems, *check_content(guide_set, tuple(offices.values()), today))
    return Content(guides=guide_set, offices=offices, problems=problems)


class Files:
    """Texts of files as they were last read; read again only when time or size has changed."""

    def __init__(self) -> None:
        self._texts: dict[Path, tuple[int, int, str]] = {}

    def read(self, path: Path) -> str:
        """The text, NFC, with plain line ends. OSError or UnicodeDecodeError as from the file."""
        stat = path.stat()
        seen_ns, seen_size, text = self._texts.get(path, (0, -1, ""))
        if (seen_ns, seen_size) != (stat.st_mtime_ns, stat.st_size):
            text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
            text = text.replace("\r\n", "\n")
            self._texts[path] = (stat.st_mtime_ns, stat.st_size, text)
        return text


class ContentFolder:
    """The content folder, read again when a file has changed."""

    def __init__(self, root: Path, *, today: Callable[[], date], look_every_s: float = 1.0) -> None:
        self._root = root
        self._today = today
        self._look_every_s = look_every_s
        self._looked_at = float("-inf")
        self._seen: tuple[object, ...] = ()
        self._files = Files()
        self._content: Content | None = None

    def current(self) -> Content:
        """The content in force; looks at the folder at most once per `look_every_s`.

        Content without intents, or without the replies that every answer leans on, cannot answer
        anyone: then what was last good stays in use, and at the very first reading ContentError is
        raised.
        """
        now = time.monotonic()
        if self._content is None or now - self._looked_at >= self._look_every_s:
            self._looked_at = now
            seen = (self._today(), *_stamps(self._root))
            if seen != self._seen:
                self._seen = seen
                self._take(load_content(self._root, self._today(), self._files))
        assert self._content is not None
        return self._content

    def _take(self, fresh: Content) -> None:
        if _is_usable(fresh, self._today()):
            self._content = fresh
        elif self._content is None:
            first = fresh.problems[0] if fresh.problems else Problem(path="", message="trống")
            raise ContentError(first.path, first.message)


def _is_usable(content: Content, today: date) -> bool:
    try:
        for office in content.offices.values():
            voice = voice_of(content.guides, office, today)
            for key in _INDISPENSABLE:
                voice.say(content.guides.replies[key].text, label="")
    except (ContentError, KeyError):
        return False
    return bool(content.guides.intents and content.offices)


def _stamps(root: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(root.rglob("*")):
        # A file that is being saved may be gone between its listing and this.
        with suppress(FileNotFoundError):
            if path.is_file():
                stat = path.stat()
                yield str(path), stat.st_mtime_ns, stat.st_size


class _Reader:
    """Reads single files and collects what is wrong with them."""

    def __init__(self, root: Path, files: Files) -> None:
        self._root = root
        self._files = files
        self.problems: list[Problem] = []

    def report(self, path: str, message: str) -> None:
        self.problems.append(Problem(path=path, message=message))

    def intents(self) -> tuple[dict[str, str], dict[str, Intent]]:
        data = self._mapping(self._root / "intents.yaml")
        topics = {
            name: str(value.get("label", name)) if isinstance(value, dict) else str(value)
            for name, value in _as_mapping(data.get("topics")).items()
        }
        intents: dict[str, Intent] = {}
        for entry in self._list(self._root / "intents.yaml", data.get("intents")):
            try:
                name = _line(entry["name"])
                intents[name] = Intent(
                    name=name, topic=_line(entry["topic"]), act=Act(entry["act"]),
                    label=_line(entry["label"]),
                )  # fmt: skip
            except (KeyError, TypeError, ValueError) as exc:
                self.report("intents.yaml", f"mục {entry!r} thiếu hoặc sai trường: {exc}")
        return topics, intents

    def facts(self) -> dict[str, Fact]:
        facts: dict[str, Fact] = {}
        for path in sorted((self._root / "facts").glob("*.yaml")):
            for name, entry in self._mapping(path).items():
                try:
                    fact = _fact(name, entry)
                except (KeyError, TypeError, ValueError) as exc:
                    self.report(self._name(path), f"dữ kiện {name}: thiếu hoặc sai trường ({exc})")
                    continue
                if name in facts:
                    self.report(self._name(path), f"dữ kiện {name} đã có ở tệp khác")
                facts[name] = fact
        return facts

    def replies(self) -> dict[str, PreparedReply]:
        replies: dict[str, PreparedReply] = {}
        for key, entry in self._mapping(self._root / "replies.yaml").items():
            if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
                self.report("replies.yaml", f"câu {key} thiếu text")
                continue
            choices = tuple(
                str(c) for c in self._list(self._root / "replies.yaml", entry.get("choices"))
            )
            replies[key] = PreparedReply(key=key, text=entry["text"].strip(), choices=choices)
        return replies

    def services(self) -> Iterator[Service]:
        path = self._root / "essential_services.yaml"
        for entry in self._list(path, self._mapping(path).get("services")):
            try:
                yield Service(
                    name=_line(entry["name"]),
                    intent=_line(entry.get("intent", "")),
                    code=_line(entry.get("code", "")),
                )
            except (KeyError, TypeError, ValueError, AttributeError) as exc:
                self.report(path.name, f"mục {entry!r} thiếu hoặc sai trường: {exc}")

    def questions_back(self) -> Iterator[QuestionBack]:
        path = self._root / "questions_back.yaml"
        if not path.exists():
            return
        for entry in self._list(path, self._mapping(path).get("questions")):
            try:
                yield QuestionBack(
                    words=tuple(_line(w) for w in _as_list(entry["words"])),
                    choices=tuple(_line(c) for c in _as_list(entry["choices"])),
                )
            except (KeyError, TypeError, ValueError) as exc:
                self.report(path.name, f"mục {entry!r} thiếu hoặc sai trường: {exc}")

    def thresholds(self) -> Thresholds:
        data = self._mapping(self._root / "thresholds.yaml")
        try:
            return Thresholds(**{f.name: float(data[f.name]) for f in fields(Thresholds)})
        except (KeyError, TypeError, ValueError) as exc:
            self.report("thresholds.yaml", f"thiếu hoặc sai ngưỡng: {exc}")
            return Thresholds()

    def sentences(self, path: Path, key: str) -> tuple[str, ...]:
        if not path.exists():
            return ()
        found = []
        for entry in self._list(path, self._mapping(path).get(key)):
            text = entry.get("text") if isinstance(entry, dict) else entry
            if isinstance(text, str) and text.strip():
                found.append(text.strip())
            else:
                self.report(self._name(path), f"câu viết chưa đúng dạng: {entry!r}")
        return tuple(found)

    def guide(self, path: Path, intent: str, phrases_count: int) -> Guide | None:
        try:
            guide = _guide(self._text(path), intent, phrases_count)
            return self._with_pictures(guide, path.parent)
        except ContentError as exc:
            self.report(self._name(path), exc.message)
        except (KeyError, TypeError, ValueError, yaml.YAMLError) as exc:
            self.report(self._name(path), f"phần đầu tệp thiếu hoặc sai trường: {exc}")
        return None

    def _with_pictures(self, guide: Guide, folder: Path) -> Guide:
        """The guide with what the files of its pictures hold; one that is missing stays empty."""
        if all(step.picture is None for step in guide.steps):
            return guide  # the same one as before, so that what is known of it is found again
        steps = []
        for step in guide.steps:
            if step.picture is not None:
                with suppress(OSError):
                    content = (folder / step.picture.file).read_bytes()
                    step = replace(step, picture=measure_picture(step.picture, content))
            steps.append(step)
        return replace(guide, steps=tuple(steps))

    def offices(self) -> Iterator[Office]:
        for path in sorted((self._root / "offices").glob("*.yaml")):
            try:
                yield _office(path.stem, self._mapping(path))
            except (KeyError, TypeError, ValueError) as exc:
                self.report(self._name(path), f"thiếu hoặc sai trường: {exc}")

    def _list(self, path: Path, value: Any) -> list[Any]:
        """`value` as a list; an empty one, and a problem, if it is something else."""
        try:
            return _as_list(value)
        except ValueError as exc:
            self.report(self._name(path), str(exc))
            return []

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def _text(self, path: Path) -> str:
        try:
            return self._files.read(path)
        except FileNotFoundError as exc:
            raise ContentError(self._name(path), "thiếu tệp") from exc
        except (OSError, UnicodeDecodeError) as exc:
            raise ContentError(self._name(path), f"không đọc được tệp: {exc}") from exc

    def _mapping(self, path: Path) -> dict[str, Any]:
        try:
            data = _parse_yaml(self._text(path))
        except ContentError as exc:
            self.report(exc.path, exc.message)
            return {}
        except yaml.YAMLError as exc:
            where = getattr(exc, "problem_mark", None)
            line = f" (dòng {where.line + 1})" if where else ""
            self.report(self._name(path), f"YAML viết chưa đúng{line}")
            return {}
        if not isinstance(data, dict):
            self.report(self._name(path), "tệp phải là danh sách các mục có tên")
            return {}
        return data


@lru_cache(maxsize=4096)
def _parse_yaml(text: str) -> Any:
    """What a text holds, shared by all who ask: nobody may change it. Raises YAMLError."""
    return yaml.load(text, Loader=_TEXT_ONLY)


def _as_list(value: Any) -> list[Any]:
    """A list, empty if nothing is there. ValueError on a single value: it would be lost unseen."""
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        raise ValueError(f"cần danh sách, gặp {value!r}")
    return value


def _as_mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(value: Any) -> str:
    """A text field on one line."""
    if not isinstance(value, str):
        raise ValueError(f"cần chữ, gặp {value!r}")
    return " ".join(value.split())


def _fact(name: str, entry: Mapping[str, Any]) -> Fact:
    return Fact(
        name=name,
        value=_line(entry["value"]),
        label=_line(entry["label"]),
        source=_line(entry["source"]),
        checked_on=date.fromisoformat(entry["checked_on"]),
        review_by=date.fromisoformat(entry["review_by"]),
        confidence=Confidence(entry["confidence"]),
        owner=_line(entry["owner"]),
    )


def _office(slug: str, data: Mapping[str, Any]) -> Office:
    hours = _as_mapping(data["hours"])
    return Office(
        slug=slug,
        oa_id=_line(data["oa_id"]),
        is_example=data.get("is_example", "false") in ("true", "yes"),
        values={k: _line(v) for k, v in _as_mapping(data["values"]).items() if v},
        hours=tuple(tuple(_span(s) for s in _as_list(hours.get(day))) for day in _DAYS),
        holidays={
            date.fromisoformat(h["date"]): _line(h["label"]) for h in _as_list(data.get("holidays"))
        },
        hamlets=tuple(
            Hamlet(
                name=_line(h["name"]),
                old_names=tuple(_line(n) for n in _as_list(h.get("old_names"))),
                team=_line(h.get("team", "")),
                phone=_line(h.get("phone", "")),
            )
            for h in _as_list(data.get("hamlets"))
        ),
        zalo_keywords=frozenset(
            _line(word).lower() for word in _as_list(data.get("zalo_keywords"))
        ),
    )


def _span(text: str) -> tuple[clock_time, clock_time]:
    start, _, end = text.partition("-")
    return clock_time.fromisoformat(start.strip()), clock_time.fromisoformat(end.strip())


@lru_cache(maxsize=1024)
def _guide(text: str, intent: str, phrases_count: int) -> Guide:
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise ContentError("", "thiếu phần đầu tệp giữa hai dòng ---")
    front, _, body = text[4:].partition("\n---\n")
    data = yaml.load(front, Loader=_TEXT_ONLY)
    unknown = sorted(set(data) - _GUIDE_FIELDS)
    if unknown:
        raise ContentError("", f"có mục lạ ở phần đầu: {', '.join(unknown)}")
    return Guide(
        intent=intent,
        title=_line(data["title"]),
        answer=_line(data["answer"]),
        audience=_line(data["audience"]),
        bring=tuple(_line(b) for b in _as_list(data.get("bring"))),
        fee=_line(data.get("fee", "")),
        duration=_line(data.get("duration", "")),
        legal=_line(data.get("legal", "")),
        safety=_line(data["safety"]),
        help=_line(data["help"]),
        helper=_line(data.get("helper", "")),
        related=tuple(_line(r) for r in _as_list(data.get("related"))),
        variants=tuple(
            Variant(
                id=_line(v["id"]),
                title=_line(v["title"]),
                words=tuple(_line(w) for w in _as_list(v.get("words"))),
            )
            for v in _as_list(data.get("variants"))
        ),
        steps=tuple(_steps(body)),
        owner=_line(data["owner"]),
        checked_on=date.fromisoformat(data["checked_on"]),
        review_by=date.fromisoformat(data["review_by"]),
        phrases_count=phrases_count,
    )


def _steps(body: str) -> Iterator[Step]:
    """Steps of a guide's Markdown: a heading with `{#id .variant}`, lines, `### Hay gặp`."""
    heading: re.Match[str] | None = None
    lines: list[str] = []
    errors: list[str] = []
    picture: Picture | None = None
    into = lines
    for raw in [*body.splitlines(), None]:
        line = "## " if raw is None else raw.strip()
        if line.startswith("## "):
            if heading is not None:
                yield Step(
                    id=heading["id"], title=heading["title"], lines=tuple(lines),
                    errors=tuple(errors),
                    variants=frozenset(c.lstrip(".") for c in heading["classes"].split()),
                    picture=picture,
                )  # fmt: skip
            if raw is None:
                return
            heading = _HEADING.fullmatch(line)
            if heading is None:
                raise ContentError("", f"tiêu đề bước cần dạng “## Tên bước {{#ma_buoc}}”: {line}")
            lines, errors, picture = [], [], None
            into = lines
        elif line == _ERRORS_HEADING:
            into = errors
        elif line.startswith("#"):
            raise ContentError("", f"tiêu đề lạ: {line}")
        elif line and heading is None:
            raise ContentError("", f"chữ đứng trước bước đầu tiên: {line}")
        elif line.startswith(MARK):
            if picture is not None or into is errors:
                raise ContentError("", f"mỗi bước nhiều nhất một hình, đặt trước “Hay gặp”: {line}")
            picture = parse_picture(line)
        elif line:
            into.append(line.removeprefix("- ").strip())
