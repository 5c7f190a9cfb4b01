"""The worker on a real Redis and a real database; only Rasa is played."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.answer import QUIET_AFTER_STAFF
from bot.content import ContentFolder
from bot.loops import serve
from bot.mailbox import Letter, Mailbox, RetryPolicy
from bot.nlu_client import NluClient
from bot.privacy import hash_citizen
from bot.store import OutcomeRow, Store
from bot.talk import Outcome, Talk
from bot.worker import Worker, read_talk
from tests.bot.builders import (
    CITIZEN,
    KEY,
    OA,
    OPEN,
    TODAY,
    NluWire,
    make_guide,
    make_guides,
    make_step,
    webhook_body,
    write_content,
    zalo_data,
)

FAST = RetryPolicy(max_attempts=2, first_wait_s=0.01, factor=1, max_wait_s=0.01)
OWNER = f"{OA}:{CITIZEN}"


class Rig:
    """A worker with its mailboxes, its wire to Rasa, and a clock that stands still."""

    def __init__(self, redis: Redis, store: Store, root: Path, http: httpx.AsyncClient) -> None:
        self.store = store
        self.now = OPEN
        self.inbox = Mailbox(redis, "inbox", retry=FAST)
        self.outbox = Mailbox(redis, "outbox", retry=FAST)
        self.worker = Worker(
            inbox=self.inbox,
            outbox=self.outbox,
            redis=redis,
            nlu=NluClient(http),
            folder=ContentFolder(root, today=lambda: TODAY, look_every_s=0),
            store=store,
            key=KEY,
            now=lambda: self.now,
        )

    async def take(self) -> Letter:
        letter = await self.inbox.take("w", block_ms=2_000)
        assert letter is not None
        return letter

    async def hear(self, body: bytes, id: str = "e1", owner: str = OWNER) -> list[dict[str, Any]]:
        """Handles one event; the letters that it put into the outbox, in order."""
        assert await self.inbox.put(owner, id, body)
        await self.worker.handle(await self.take())
        return await self.letters()

    async def say(self, text: str, id: str = "e1") -> str:
        """What is answered to a text, as one text."""
        return "\n\n".join(x["message"]["text"] for x in await self.hear(webhook_body(text), id))

    async def letters(self) -> list[dict[str, Any]]:
        found = []
        while (letter := await self.outbox.take("s", block_ms=0)) is not None:
            found.append({"id": letter.id, "owner": letter.owner, **json.loads(letter.body)})
            await self.outbox.done(letter)
        return found

    def rows(self) -> list[OutcomeRow]:
        return [row for kind in Outcome for row in self.store.list_unanswered(99, 0, str(kind))]

    def row(self) -> OutcomeRow:
        (row,) = self.rows()
        return row


@pytest.fixture
def nlu() -> NluWire:
    return NluWire(("mat_khau", 0.9), ("luong", 0.05))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_content(tmp_path / "content", make_guides())


@pytest.fixture
async def rig(redis: Redis, store: Store, root: Path, nlu: NluWire) -> AsyncIterator[Rig]:
    async with nlu.open() as http:
        yield Rig(redis, store, root, http)


async def test_question_becomes_one_row_and_one_letter(rig: Rig) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    (letter,) = await rig.hear(webhook_body("quên pass rồi"))
    assert (letter["id"], letter["owner"]) == ("e1/1", OWNER)
    assert (letter["oa_id"], letter["citizen_id"]) == (OA, CITIZEN)
    assert "Quên mật khẩu" in letter["message"]["text"]
    row = rig.row()
    assert (row.event_id, row.office, row.outcome) == ("e1", "xa_mau", "answered")
    assert (row.intent, row.confidence, row.text) == ("mat_khau", 0.9, "quên pass rồi")
    assert list(row.ranking) == [("mat_khau", 0.9), ("luong", 0.05)]
    assert row.model == "m1"
    assert row.citizen_hash == hash_citizen(CITIZEN, KEY)
    assert before < row.asked_at < datetime.now(UTC) + timedelta(seconds=5)
    stats = await rig.inbox.stats()
    assert (stats.waiting, stats.dead) == (0, 0)


async def test_long_answer_is_one_letter_a_message_in_order(rig: Rig, root: Path) -> None:
    steps = tuple(make_step(f"s{n}", lines=(f"{n}" * 1_500,)) for n in range(3))
    guides = make_guides()
    guides = replace(guides, guides={"mat_khau": make_guide(steps=steps)})
    write_content(root, guides)
    letters = await rig.hear(webhook_body("quên pass"))
    assert [x["id"] for x in letters] == ["e1/1", "e1/2", "e1/3"]
    assert [str(n) * 1_500 in x["message"]["text"] for n, x in enumerate(letters)] == [True] * 3
    assert [bool(x["message"]["buttons"]) for x in letters] == [False, False, True]


async def test_event_handled_twice_has_one_row_and_one_letter(rig: Rig) -> None:
    await rig.inbox.put(OWNER, "e1", webhook_body("quên pass"))
    letter = await rig.take()
    await rig.worker.handle(letter)
    await rig.worker.handle(letter)
    assert len(await rig.letters()) == 1
    assert len(rig.rows()) == 1


async def test_event_of_a_worker_that_died_after_the_row_is_answered_once(
    redis: Redis, rig: Rig
) -> None:
    rig.inbox.idle_ms = 0
    await rig.inbox.put(OWNER, "e1", webhook_body("quên pass"))
    lost = await rig.take()
    taken_over = await rig.take()
    assert (lost.id, taken_over.id, taken_over.attempt) == ("e1", "e1", 2)
    await rig.worker.handle(taken_over)
    await rig.worker.handle(lost)
    assert len(await rig.letters()) == 1
    assert len(rig.rows()) == 1


async def test_redelivered_event_is_not_answered_again(rig: Rig) -> None:
    await rig.hear(webhook_body("quên pass"))
    assert not await rig.inbox.put(OWNER, "e1", webhook_body("quên pass"))


def no_model(request: httpx.Request) -> httpx.Response:
    return httpx.Response(409)


def no_rasa(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("x", request=request)


def nonsense(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"<html>")


@pytest.mark.parametrize("failure", [no_model, no_rasa, nonsense])
async def test_absent_model_gives_an_error_with_the_menu(
    rig: Rig, nlu: NluWire, failure: Callable[[httpx.Request], httpx.Response]
) -> None:
    nlu.failure = failure
    text = await rig.say("quên pass")
    assert "Câu error." in text
    assert "1. VNeID" in text
    row = rig.row()
    assert (row.outcome, row.intent, list(row.ranking), row.model) == ("error", None, [], "")
    assert "Quên mật khẩu" in await rig.say("g1:mat_khau", "e2")


async def test_model_is_not_asked_about_buttons_and_numbers(rig: Rig, nlu: NluWire) -> None:
    await rig.say("menu", "e1")
    assert "Mục này có:" in await rig.say("1", "e2")
    await rig.say("g1:luong", "e3")
    assert nlu.asked == []


async def test_talk_is_remembered_from_one_message_to_the_next(rig: Rig, nlu: NluWire) -> None:
    nlu.ranking = [("cai_app", 0.9)]
    assert "trường hợp nào" in await rig.say("cài app", "e1")
    assert "Mở App Store" in await rig.say("2", "e2")


async def test_what_was_shown_is_remembered_so_that_words_lead_back(rig: Rig, nlu: NluWire) -> None:
    nlu.ranking = [("cai_app", 0.9)]
    await rig.say("cài app", "e1")
    steps = await rig.say("iphone", "e2")
    assert "12.000 đồng" in await rig.say("mất mấy tiền", "e3")
    assert await rig.say("quay lại", "e4") == steps
    assert nlu.asked == ["cài app"]


async def test_what_is_said_of_a_guide_is_kept_with_its_outcome(rig: Rig) -> None:
    await rig.say("g1:mat_khau", "e1")
    await rig.say("xong rồi", "e2")
    await rig.say("chưa được", "e3")
    row = next(row for row in rig.rows() if row.event_id == "e3")
    assert (row.outcome, row.intent) == ("handover", "mat_khau")
    assert list(row.choices) == ["feedback:not_helped"]


async def test_caption_of_a_picture_is_classified(rig: Rig, nlu: NluWire) -> None:
    body = webhook_body("quên mất pass rồi", event_name="user_send_image")
    letters = await rig.hear(body)
    assert nlu.asked == ["quên mất pass rồi"]
    assert "Câu caption_read." in letters[0]["message"]["text"]
    assert rig.row().outcome == "answered"


async def test_talks_of_two_citizens_are_apart(rig: Rig) -> None:
    await rig.say("menu")
    other = webhook_body("1", sender={"id": "99"})
    letters = await rig.hear(other, "e2", f"{OA}:99")
    assert letters[0]["citizen_id"] == "99"
    assert "Mục này có:" not in letters[0]["message"]["text"]


async def test_number_is_covered_before_model_database_and_log(rig: Rig, nlu: NluWire) -> None:
    secret = "0912345678"
    with capture_logs() as logs:
        text = await rig.say(f"sđt {secret} quên pass")
    assert secret not in json.dumps([nlu.asked, logs, rig.row().text], default=str)
    assert CITIZEN not in json.dumps(logs, default=str)
    assert text.startswith("Xin thu hồi tin vừa gửi.")
    assert "quên pass" in nlu.asked[0]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff"])
async def test_unreadable_event_is_a_dead_letter_at_once(rig: Rig, body: bytes) -> None:
    assert await rig.hear(body) == []
    (dead,) = await rig.inbox.dead()
    assert (dead.id, dead.attempts) == ("e1", 1)
    assert rig.rows() == []


async def test_event_of_an_unknown_office_is_a_dead_letter(rig: Rig) -> None:
    assert await rig.hear(webhook_body(recipient={"id": "1"})) == []
    (dead,) = await rig.inbox.dead()
    assert "no office" in dead.reason


async def test_dead_letter_does_not_hold_up_the_next_message(rig: Rig) -> None:
    await rig.hear(b"{", "e1")
    assert "Quên mật khẩu" in await rig.say("quên pass", "e2")


@pytest.mark.parametrize(
    "name",
    ["oa_send_text_by_api", "user_seen_message", "user_received_message", "unknown_event",
     "user_reacted_message", "anonymous_send_text"],
)  # fmt: skip
async def test_what_needs_no_answer_gets_none(rig: Rig, name: str) -> None:
    body = json.dumps(zalo_data(f"webhook_{name}")["body"]).encode()
    assert await rig.hear(body) == []
    assert rig.rows() == []
    assert await rig.inbox.dead() == []


STAFF = json.dumps(zalo_data("webhook_oa_send_text_by_staff")["body"]).encode()


async def test_bot_is_quiet_after_an_officer_wrote_and_speaks_again_later(rig: Rig) -> None:
    assert await rig.hear(STAFF, "e1") == []
    rig.now += QUIET_AFTER_STAFF - timedelta(seconds=1)
    assert await rig.say("quên pass", "e2") == ""
    assert rig.row().outcome == "handover"
    rig.now += timedelta(seconds=2)
    assert "Quên mật khẩu" in await rig.say("quên pass", "e3")


async def test_officer_who_goes_on_writing_keeps_the_bot_quiet(rig: Rig) -> None:
    await rig.hear(STAFF, "e1")
    rig.now += QUIET_AFTER_STAFF - timedelta(seconds=1)
    await rig.hear(STAFF, "e2")
    rig.now += QUIET_AFTER_STAFF - timedelta(seconds=1)
    assert await rig.say("quên pass", "e3") == ""


@pytest.mark.parametrize("text", ["#gio", "#GIO", "#gio hôm nay"])
async def test_keyword_that_the_account_answers_itself_is_left_to_it(rig: Rig, text: str) -> None:
    assert await rig.say(text) == ""
    assert rig.rows() == []


@pytest.mark.parametrize("text", ["#khac", "gio", "# gio"])
async def test_other_words_are_answered(rig: Rig, text: str) -> None:
    assert await rig.say(text)


async def test_follower_is_welcomed_once(rig: Rig) -> None:
    follow = json.dumps(zalo_data("webhook_follow")["body"]).encode()
    first_chat = json.dumps(zalo_data("webhook_user_click_chatnow")["body"]).encode()
    (letter,) = await rig.hear(follow, "e1")
    assert "Câu follow." in letter["message"]["text"]
    assert await rig.hear(first_chat, "e2") == []


@pytest.mark.parametrize("name", ["unfollow", "user_withdraw"])
async def test_who_leaves_is_not_written_to_and_forgotten(rig: Rig, name: str) -> None:
    await rig.say("menu", "e1")
    body = json.dumps(zalo_data(f"webhook_{name}")["body"]).encode()
    assert await rig.hear(body, "e2") == []
    assert "Mục này có:" not in await rig.say("1", "e3")


async def test_photo_is_answered_and_never_fetched(rig: Rig, nlu: NluWire) -> None:
    body = json.dumps(zalo_data("webhook_user_send_image")["body"]).encode()
    (letter,) = await rig.hear(body)
    assert "unsupported_image" in letter["message"]["text"]
    assert nlu.asked == []
    assert rig.row().outcome == "unsupported"


async def test_guide_that_does_not_fit_is_an_apology_not_a_dead_letter(
    rig: Rig, root: Path
) -> None:
    steps = tuple(make_step(f"s{n}", lines=("x" * 1_700,)) for n in range(9))
    guides = make_guides()
    write_content(
        root,
        replace(guides, guides={"mat_khau": make_guide(steps=steps)}),
    )
    assert "Câu error." in await rig.say("quên pass")
    assert rig.row().outcome == "error"
    assert await rig.inbox.dead() == []


async def test_event_that_can_never_be_handled_ends_with_an_apology_and_a_dead_letter(
    rig: Rig, database: Path
) -> None:
    with sqlite3.connect(database) as broken:
        broken.execute("DROP TABLE outcome")
    broken.close()
    await rig.inbox.put(OWNER, "e1", webhook_body("quên pass"))
    stop = asyncio.Event()
    loop = asyncio.create_task(
        serve(rig.inbox, rig.worker.handle, rig.worker.give_up, tasks=1, stop=stop)
    )
    letter = await rig.outbox.take("s", block_ms=5_000)
    stop.set()
    await loop
    assert letter is not None
    assert "Câu error." in json.loads(letter.body)["message"]["text"]
    (dead,) = await rig.inbox.dead()
    assert (dead.id, dead.attempts) == ("e1", 2)


@pytest.mark.parametrize(
    "body", [b"{", webhook_body(recipient={"id": "1"}), STAFF, b'{"event_name": "x"}']
)
async def test_nobody_is_told_of_an_event_that_no_citizen_sent(rig: Rig, body: bytes) -> None:
    letter = Letter(id="e1", owner=OWNER, body=body, attempt=5, put_at_ms=0)
    await rig.worker.give_up(letter)
    assert await rig.letters() == []


async def test_messages_of_a_citizen_are_answered_in_their_order(rig: Rig) -> None:
    texts = ["g1:mat_khau", "g1:luong", "menu", "g1:lua_dao", "gặp cán bộ", "g1:cai_app"]
    for number, text in enumerate(texts):
        await rig.inbox.put(OWNER, f"e{number}", webhook_body(text))
        await rig.inbox.put(f"{OA}:{number}", f"x{number}", webhook_body("menu"))
    stop = asyncio.Event()
    loop = asyncio.create_task(
        serve(rig.inbox, rig.worker.handle, rig.worker.give_up, tasks=4, stop=stop)
    )
    ids: list[str] = []
    while len(ids) < 2 * len(texts):
        letter = await rig.outbox.take("s", block_ms=5_000)
        assert letter is not None
        ids.append(letter.id)
        await rig.outbox.done(letter)
    stop.set()
    await loop
    assert [i for i in ids if i.startswith("e")] == [f"e{n}/1" for n in range(len(texts))]


@pytest.mark.parametrize(
    "raw",
    [None, b"", b"{", b"[]", b"null", b"1", b'{"choices": 5}', b'{"questions_back": "x"}',
     b'{"quiet_until": "soon"}', b'{"quiet_until": 5}', b"\xff"],
)  # fmt: skip
def test_talk_that_cannot_be_read_is_an_empty_one(raw: bytes | None) -> None:
    assert read_talk(raw) == Talk()


def test_talk_written_by_an_older_version_keeps_what_is_known() -> None:
    assert read_talk(b'{"choices": ["g1:a"], "form": "bac"}') == Talk(choices=("g1:a",))


def test_quiet_time_without_a_zone_is_not_taken_over() -> None:
    until = read_talk(b'{"quiet_until": "2026-01-01T00:00:00"}').quiet_until
    assert until is None or until.tzinfo is not None
