"""Small content, events and simulated wires for the tests of the core.

Wires stand where the network would be (`httpx.MockTransport`); everything above them is the real
code. The content is a dozen made-up intents, so that officers may change theirs freely.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from bot.checks import NEEDED_REPLIES
from bot.content import Content, load_content
from bot.events import TextEvent
from bot.guides import (
    Act,
    Confidence,
    Fact,
    Guide,
    GuideSet,
    Intent,
    PreparedReply,
    Step,
    Variant,
)
from bot.offices import OFFICE_VALUES, Office
from bot.talk import Classification

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
ZALO_DATA = ROOT / "tests" / "data" / "zalo"
TODAY = date(2026, 11, 23)
OPEN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, nine in the morning in Viet Nam."""
CLOSED = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""The same day, ten in the evening."""
OA = "3880000000000000022"
CITIZEN = "2460000000000000033"
KEY = b"a key for tests only"


@cache
def shipped_content() -> Content:
    """The project's own content, read once."""
    return load_content(CONTENT, TODAY)


_MENU = ("vneid", "pension", "gap_can_bo")


def make_fact(name: str = "phi", value: str = "12.000 đồng", **changes: Any) -> Fact:
    fact = Fact(
        name=name,
        value=value,
        label="Phí",
        source="Văn bản mẫu",
        checked_on=date(2026, 11, 1),
        review_by=date(2027, 5, 1),
        confidence=Confidence.HIGH,
        owner="Văn phòng",
    )
    return replace(fact, **changes)


def make_step(id: str = "mo", title: str = "Mở ứng dụng", **changes: Any) -> Step:
    step = Step(id=id, title=title, lines=("Bấm **Mở**.",), errors=(), variants=frozenset())
    return replace(step, **changes)


def make_guide(intent: str = "mat_khau", **changes: Any) -> Guide:
    guide = Guide(
        intent=intent,
        title="Quên mật khẩu",
        answer="Bấm quên mật khẩu rồi làm theo.",
        audience="Mọi người.",
        bring=("Điện thoại",),
        fee="{{ phi }}",
        safety="Không đưa mã cho ai.",
        help="Gọi {{ sdt_ttpvhcc }}.",
        related=("cai_app", "luong"),
        steps=(make_step(), make_step("xong", "Bấm xong", errors=("Không thấy nút: mở lại.",))),
        owner="Công an xã",
        checked_on=date(2026, 11, 2),
        review_by=date(2027, 5, 2),
    )
    return replace(guide, **changes)


def make_office(**changes: Any) -> Office:
    working = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
    office = Office(
        slug="xa_mau",
        oa_id=OA,
        is_example=True,
        values={name: f"<{name}>" for name in OFFICE_VALUES},
        hours=(working,) * 5 + ((), ()),
        holidays={date(2026, 11, 24): "Ngày nghỉ mẫu"},
        zalo_keywords=frozenset({"#gio"}),
    )
    return replace(office, **changes)


def make_guides(**changes: Any) -> GuideSet:
    """A dozen intents of every act; `changes` replace whole fields of the set."""
    rows: tuple[tuple[str, str, Act, str], ...] = (
        ("cai_app", "vneid", Act.GUIDE, "cài ứng dụng"),
        ("mat_khau", "vneid", Act.GUIDE, "quên mật khẩu"),
        ("luong", "pension", Act.GUIDE, "chuyển lương vào thẻ"),
        ("chua_co", "pension", Act.GUIDE, "việc chưa có bài"),
        ("gio_lam", "talk", Act.OFFICE, "giờ làm việc"),
        ("wifi", "talk", Act.OFFICE, "wifi miễn phí"),
        ("lua_dao", "talk", Act.SAFETY, "cuộc gọi lừa đảo"),
        ("lam_ho", "talk", Act.SAFETY, "nhờ làm giúp"),
        ("chao_hoi", "talk", Act.TALK, "lời chào"),
        ("gap_can_bo", "talk", Act.HANDOVER, "gặp cán bộ"),
        ("phan_nan", "talk", Act.HANDOVER, "điều chưa hài lòng"),
        ("can_hoi_lai", "talk", Act.CLARIFY, "việc khác"),
        ("ngoai_pham_vi", "talk", Act.REFUSE, "việc ngoài phạm vi"),
    )
    phones = (
        Variant(id="android", title="Máy Android", words=("samsung", "android")),
        Variant(id="iphone", title="Máy iPhone", words=("iphone", "ip")),
    )
    guides = {
        "mat_khau": make_guide(),
        "luong": make_guide("luong", title="Chuyển lương vào thẻ", related=("chua_co",)),
        "lua_dao": make_guide("lua_dao", title="Cuộc gọi lừa đảo", related=()),
        "cai_app": make_guide(
            "cai_app",
            title="Cài ứng dụng",
            variants=phones,
            related=("mat_khau",),
            steps=(
                make_step("kho_a", "Mở CH Play", variants=frozenset({"android"})),
                make_step("kho_i", "Mở App Store", variants=frozenset({"iphone"})),
                make_step("cai", "Bấm cài"),
            ),
        ),
    }
    replies = {
        key: PreparedReply(key=key, text=f"Câu {key}.", choices=_MENU)
        for key in (*NEEDED_REPLIES, "gio_lam", "lam_ho")
    }
    replies |= {
        "secret_pasted": PreparedReply(key="secret_pasted", text="Xin thu hồi tin vừa gửi."),
        "no_guide": PreparedReply(
            key="no_guide", text="Chưa có bài về {{ label }}.", choices=("gap_can_bo",)
        ),
        "clarify_one": PreparedReply(key="clarify_one", text="Hỏi về {{ label }} phải không ạ?"),
        "topic_menu": PreparedReply(key="topic_menu", text="Mục này có:"),
        "footer_medium": PreparedReply(key="footer_medium", text="Mức có thể đổi."),
        "expired_fact": PreparedReply(
            key="expired_fact", text="đang kiểm tra lại, gọi {{ sdt_ttpvhcc }}"
        ),
        "office_missing": PreparedReply(
            key="office_missing", text="xã chưa cập nhật, gọi {{ sdt_ttpvhcc }}"
        ),
    }
    guide_set = GuideSet(
        intents={
            name: Intent(name=name, topic=topic, act=act, label=label)
            for name, topic, act, label in rows
        },
        topics={"vneid": "VNeID", "pension": "lương hưu, trợ cấp", "talk": "hỏi đáp"},
        guides=guides,
        facts={"phi": make_fact()},
        replies=replies,
    )
    return replace(guide_set, **changes)


def said(text: str) -> TextEvent:
    """A citizen's text as the core gets it."""
    return TextEvent(name="user_send_text", oa_id=OA, citizen_id=CITIZEN, at=OPEN, text=text)


def found(*ranking: tuple[str, float]) -> Classification:
    return Classification(ranking=ranking, model="m1")


def webhook_body(text: str = "xin chào", **changes: Any) -> bytes:
    """The JSON that Zalo posts for a text."""
    body = {
        "app_id": "4100000000000000011",
        "sender": {"id": CITIZEN},
        "recipient": {"id": OA},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": "m-1"},
        "timestamp": "1795399200000",
    }
    return json.dumps({**body, **changes}).encode()


def write_content(root: Path, guides: GuideSet, offices: Sequence[Office] = ()) -> Path:
    """The content folder that would be read as `guides` and `offices`. JSON is YAML."""
    _write(
        root / "intents.yaml",
        {
            "topics": {name: {"label": label} for name, label in guides.topics.items()},
            "intents": [
                {"name": i.name, "topic": i.topic, "act": i.act, "label": i.label}
                for i in guides.intents.values()
            ],
        },
    )
    _write(
        root / "essential_services.yaml",
        {
            "services": [
                {"name": s.name, "intent": s.intent, "code": s.code} for s in guides.services
            ]
        },
    )
    limits = guides.thresholds
    _write(
        root / "thresholds.yaml",
        {"sure": limits.sure, "likely": limits.likely, "near": limits.near},
    )
    _write(root / "facts" / "all.yaml", {f.name: _fact_file(f) for f in guides.facts.values()})
    _write(
        root / "replies.yaml",
        {r.key: {"text": r.text, "choices": list(r.choices)} for r in guides.replies.values()},
    )
    for office in offices or (make_office(),):
        _write(root / "offices" / f"{office.slug}.yaml", _office_file(office))
    for guide in guides.guides.values():
        path = root / "guides" / guide.intent / "guide.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(guide_file(guide), encoding="utf-8")
    return root


def guide_file(guide: Guide) -> str:
    """The Markdown file of a guide."""
    front = {
        "title": guide.title,
        "answer": guide.answer,
        "audience": guide.audience,
        "bring": list(guide.bring),
        "fee": guide.fee,
        "safety": guide.safety,
        "help": guide.help,
        "related": list(guide.related),
        "variants": [
            {"id": v.id, "title": v.title, "words": list(v.words)} for v in guide.variants
        ],
        "owner": guide.owner,
        "checked_on": guide.checked_on.isoformat(),
        "review_by": guide.review_by.isoformat(),
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    parts = ["---", *lines, "---", ""]
    for step in guide.steps:
        classes = "".join(f" .{name}" for name in sorted(step.variants))
        parts += [f"## {step.title} {{#{step.id}{classes}}}", "", *step.lines, ""]
        if step.picture is not None:
            parts += [f"![{step.picture.description}]({step.picture.file})", ""]
        if step.errors:
            parts += ["### Hay gặp", "", *(f"- {e}" for e in step.errors), ""]
    return "\n".join(parts)


def _write(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def _fact_file(fact: Fact) -> dict[str, str]:
    return {
        "value": fact.value,
        "label": fact.label,
        "source": fact.source,
        "checked_on": fact.checked_on.isoformat(),
        "review_by": fact.review_by.isoformat(),
        "confidence": fact.confidence,
        "owner": fact.owner,
    }


def _office_file(office: Office) -> dict[str, Any]:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {
        "slug": office.slug,
        "oa_id": office.oa_id,
        "is_example": "true" if office.is_example else "false",
        "values": dict(office.values),
        "hours": {
            day: [f"{a:%H:%M}-{b:%H:%M}" for a, b in spans]
            for day, spans in zip(days, office.hours, strict=True)
        },
        "holidays": [{"date": d.isoformat(), "label": x} for d, x in office.holidays.items()],
        "zalo_keywords": sorted(office.zalo_keywords),
    }


def zalo_data(name: str) -> dict[str, Any]:
    """One file of tests/data/zalo."""
    data: dict[str, Any] = json.loads((ZALO_DATA / f"{name}.json").read_bytes())
    return data


def zalo_answer(name: str) -> httpx.Response:
    """The answer that a file of tests/data/zalo describes."""
    answer = zalo_data(name)["response"]
    content = answer["raw_body"] if "raw_body" in answer else json.dumps(answer["body"])
    return httpx.Response(answer["status"], headers=answer["headers"], content=content.encode())


def zalo_error(code: int) -> httpx.Response:
    return httpx.Response(200, json={"error": code, "message": "no"})


class NluWire:
    """Where Rasa would be: gives `ranking`, or fails as told."""

    def __init__(self, *ranking: tuple[str, float]) -> None:
        self.ranking: Sequence[tuple[str, float]] = ranking or (("chao_hoi", 0.99),)
        self.failure: Callable[[httpx.Request], httpx.Response] | None = None
        self.asked: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(request.content)["text"])
        if self.failure is not None:
            return self.failure(request)
        rows = [{"name": name, "confidence": c} for name, c in self.ranking]
        return httpx.Response(200, json={"intent_ranking": rows, "model_id": "m1"})

    def open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url="http://nlu.test", transport=httpx.MockTransport(self.answer)
        )


Fault = Callable[[httpx.Request], httpx.Response]


class ZaloWire:
    """Where Zalo's OA API would be: keeps what was delivered and shows it in the talk.

    `faults` are taken one by one by the next sends; a fault of `lose_answer` delivers all the same.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.requests: list[httpx.Request] = []
        self.delivered: list[tuple[str, str]] = []
        self.talk: list[dict[str, Any]] = []
        self.live_token: str | None = None
        self.looking: Fault | None = None
        self.now = OPEN

    def deliver(self, request: httpx.Request) -> str:
        """Message id of the message in `request`, which is in the talk from now on."""
        body = json.loads(request.content)
        message = body["message"]
        text = message.get("text") or message["attachment"]["payload"]["text"]
        id = f"z{len(self.talk) + 1}"
        self.delivered.append((body["recipient"]["user_id"], text))
        milliseconds = round(self.now.timestamp() * 1000)
        self.talk.append({"message_id": id, "src": 0, "time": milliseconds, "message": text})
        return id

    def lose_answer(self, request: httpx.Request) -> httpx.Response:
        self.deliver(request)
        raise httpx.ReadTimeout("no answer", request=request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.live_token is not None and request.headers["access_token"] != self.live_token:
            return zalo_error(-216)
        if request.method == "GET":
            if self.looking is not None:
                return self.looking(request)
            return httpx.Response(200, json={"error": 0, "data": self.talk[-10:]})
        if self.faults:
            return self.faults.pop(0)(request)
        data = {"message_id": self.deliver(request), "quota": {"quota_type": "reply"}}
        return httpx.Response(200, json={"error": 0, "message": "Success", "data": data})

    @property
    def sends(self) -> list[httpx.Request]:
        return [r for r in self.requests if r.method == "POST"]

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.delivered]

    def open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url="http://api.test", transport=httpx.MockTransport(self.answer)
        )


class OauthWire:
    """Where Zalo's OAuth host would be: each refresh token works once."""

    def __init__(self, *, live: str = "R1") -> None:
        self.live = live
        self.count = 0
        self.failure: Fault | None = None
        self.before: Callable[[], None] = lambda: None
        self.forms: list[Mapping[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        form = dict(httpx.QueryParams(request.content.decode()))
        self.forms.append({**form, "secret_key": request.headers.get("secret_key", "")})
        self.before()
        if self.failure is not None:
            return self.failure(request)
        if form.get("refresh_token") != self.live:
            return zalo_error(-14014)
        self.count += 1
        self.live = f"R{self.count + 1}"
        pair = {"access_token": f"A{self.count + 1}", "refresh_token": self.live}
        return httpx.Response(200, json={**pair, "expires_in": "90000"})

    def open(self) -> httpx.Client:
        return httpx.Client(
            base_url="http://oauth.test", transport=httpx.MockTransport(self.answer)
        )
