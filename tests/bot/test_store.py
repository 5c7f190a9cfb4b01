"""The store, on SQLite always and on PostgreSQL when TEST_DATABASE_URL names an empty database."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select

from bot.accounts import NewPerson, Role
from bot.errors import SettingsError
from bot.store import UNANSWERED, OaState, OutcomeRow, Store, hash_token
from bot.tables import ATTACHMENT, METADATA, SCHEMA, SCHEMA_VERSION, SESSION

ROOT = Path(__file__).parents[2]
KEY = b"a key for tests"
NOW = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)
POSTGRESQL = os.environ.get("TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRESQL else [])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'var' / 'bot.db'}"
    engine = create_engine(POSTGRESQL)
    METADATA.drop_all(engine)
    engine.dispose()
    return POSTGRESQL


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.open(url, key=KEY)
    yield store
    store.close()


ROW = OutcomeRow(
    event_id="e1",
    office="example",
    citizen_hash="c1",
    asked_at=NOW,
    outcome="no_content",
    intent=None,
    confidence=0.31,
    text="cháu ơi bác hỏi giấy tờ đất [số]",
    ranking=(("thuong_tru", 0.31), ("can_cuoc", 0.2)),
    choices=("thuong_tru",),
    model="20261122-1",
)

PERSON = NewPerson(login="Lan.HTX", name="Lan", password_hash="$argon2", role=Role.OFFICER)


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that runs `script` after opening `store` from its first argument."""
    opening = (
        "import sys, time; from datetime import *; from bot.store import *\n"
        f"store = Store.open(sys.argv[1], key={KEY!r})\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", opening + script, *arguments],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def test_outcome_recorded_twice_is_stored_once_and_keeps_its_first_form(store: Store) -> None:
    store.record_outcome(ROW)
    store.record_outcome(replace(ROW, text="another"))
    assert store.list_unanswered(10, 0) == [ROW]


def test_time_comes_back_as_the_same_moment_in_utc(store: Store) -> None:
    hanoi = timezone(timedelta(hours=7))
    store.record_outcome(replace(ROW, asked_at=NOW.astimezone(hanoi)))
    [stored] = store.list_unanswered(1, 0)
    assert stored.asked_at == NOW
    assert stored.asked_at.utcoffset() == timedelta(0)


def test_time_without_timezone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without timezone"):
        store.record_outcome(replace(ROW, asked_at=NOW.replace(tzinfo=None)))
    assert store.list_unanswered(1, 0) == []


def test_unanswered_are_newest_first_in_pages_without_gap_or_repetition(store: Store) -> None:
    kinds = [*UNANSWERED, "guide"]
    for i in range(25):
        # Two events share each moment, so that the order must not rest on time alone.
        at = NOW + timedelta(seconds=i // 2)
        row = replace(ROW, event_id=f"e{i:02}", asked_at=at, outcome=kinds[i % 5])
        store.record_outcome(row)
    pages = [store.list_unanswered(7, offset) for offset in (0, 7, 14)]
    ids = [row.event_id for page in pages for row in page]
    assert ids == [f"e{i:02}" for i in range(24, -1, -1) if kinds[i % 5] != "guide"]
    assert [len(page) for page in pages] == [7, 7, 6]
    assert store.count_unanswered() == 20
    assert store.count_unanswered("clarify") == 5
    assert {row.outcome for row in store.list_unanswered(50, 0, "clarify")} == {"clarify"}


def test_unanswered_of_one_office_leave_out_the_other(store: Store) -> None:
    store.record_outcome(ROW)
    store.record_outcome(replace(ROW, event_id="e2", office="other"))
    assert [r.event_id for r in store.list_unanswered(9, 0, office="other")] == ["e2"]
    assert store.count_unanswered(office="example") == 1
    assert store.count_outcomes(NOW, office="nowhere") == {}


def test_outcomes_are_counted_from_the_given_moment_on(store: Store) -> None:
    store.record_outcome(ROW)
    store.record_outcome(replace(ROW, event_id="e2", outcome="guide"))
    store.record_outcome(replace(ROW, event_id="e3", asked_at=NOW - timedelta(microseconds=1)))
    assert store.count_outcomes(NOW) == {"no_content": 1, "guide": 1}


def test_later_report_of_a_delivery_replaces_the_earlier(store: Store) -> None:
    store.record_delivery("l1", "c1", None, NOW, -32, None)
    assert store.claimed_message_ids(["m1"]) == set()
    assert store.delivered_message_id("l1") is None
    store.record_delivery("l1", "c1", "m1", NOW, 0, False)
    assert store.delivered_message_id("l1") == "m1"
    assert store.delivered_message_id("l9") is None
    store.record_delivery("l2", "c1", "m2", NOW, 0, True)
    assert store.claimed_message_ids(["m1", "m2", "m3"]) == {"m1", "m2"}
    assert store.claimed_message_ids([]) == set()


def test_oa_remembers_each_value_on_its_own(store: Store) -> None:
    assert store.read_oa("oa1") == OaState(endpoint=None, button_shape=None)
    store.save_oa("oa1", endpoint="v3_cs")
    store.save_oa("oa1", button_shape="text")
    assert store.read_oa("oa1") == OaState(endpoint="v3_cs", button_shape="text")
    assert store.read_oa("oa2") == OaState(endpoint=None, button_shape=None)


def test_new_token_pair_keeps_the_one_before_and_clears_the_mark(store: Store) -> None:
    assert store.read_tokens("oa1") is None
    with store.lock_tokens("oa1") as lock:
        assert lock.row is None
        assert lock.save("access-1", "refresh-1", NOW + timedelta(hours=25), NOW)
    with store.lock_tokens("oa1") as lock:
        lock.mark_started("refresh-1", NOW)
        marked = store.read_tokens("oa1")
        assert marked and marked.refresh_started_at == NOW
        assert marked.used_hash == hash_token("refresh-1")
        assert lock.save("access-2", "refresh-2", NOW + timedelta(hours=50), NOW)
        assert lock.row == store.read_tokens("oa1")
    row = store.read_tokens("oa1")
    assert row and (row.access_token, row.refresh_token) == ("access-2", "refresh-2")
    assert (row.previous_access_token, row.previous_refresh_token) == ("access-1", "refresh-1")
    assert (row.refresh_started_at, row.used_hash) == (None, None)
    assert row.expires_at == NOW + timedelta(hours=50)
    assert "access-2" not in repr(row)


def test_refresh_of_tokens_that_were_never_saved_cannot_be_marked(store: Store) -> None:
    with store.lock_tokens("oa1") as lock, pytest.raises(LookupError):
        lock.mark_started("refresh-1", NOW)


def test_holder_that_lost_its_lock_does_not_overwrite_a_newer_pair(store: Store) -> None:
    with store.lock_tokens("oa1") as lock:
        lock.save("access-1", "refresh-1", NOW, NOW)
    with store.lock_tokens("oa1") as late:
        other = type(late)(store, "oa1")
        assert other.save("access-2", "refresh-2", NOW, NOW)
        assert not late.save("access-x", "refresh-x", NOW, NOW)
        assert late.row and late.row.access_token == "access-2"


def test_tokens_are_not_readable_in_the_database(store: Store, url: str) -> None:
    with store.lock_tokens("oa1") as lock:
        lock.save("access-plain", "refresh-plain", NOW, NOW)
        lock.save("access-next", "refresh-next", NOW, NOW)
    if url.startswith("sqlite"):
        files = Path(url.removeprefix("sqlite:///")).parent.glob("bot.db*")
        dump = b"".join(file.read_bytes() for file in files)
    else:
        engine = create_engine(url)
        with engine.connect() as connection:
            dump = repr(connection.execute(select(METADATA.tables["token"])).all()).encode()
        engine.dispose()
    assert b"oa1" in dump
    for word in (b"access-plain", b"refresh-plain", b"access-next", b"refresh-next"):
        assert word not in dump


def test_other_secret_key_is_named_as_the_reason(store: Store, url: str) -> None:
    with store.lock_tokens("oa1") as lock:
        lock.save("access-1", "refresh-1", NOW, NOW)
    other = Store.open(url, key=b"another key")
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        other.read_tokens("oa1")
    other.close()


def test_empty_secret_key_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Store.open(url, key=b"")


def test_database_of_a_newer_program_is_refused(store: Store, url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(SCHEMA).values(version=SCHEMA_VERSION + 1, applied_at=NOW))
    engine.dispose()
    with pytest.raises(SettingsError, match="newer program"):
        Store.open(url, key=KEY)


def test_upload_is_known_for_its_account_until_it_is_too_old(store: Store) -> None:
    store.save_attachment("oa1", "sha", "a1", NOW)
    before, after = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    assert store.find_attachment("oa1", "sha", uploaded_after=before) == "a1"
    assert store.find_attachment("oa1", "sha", uploaded_after=after) is None
    assert store.find_attachment("oa2", "sha", uploaded_after=before) is None
    assert store.find_attachment("oa1", "other", uploaded_after=before) is None


def test_of_two_uploads_of_a_picture_the_last_one_counts(store: Store) -> None:
    store.save_attachment("oa1", "sha", "a1", NOW)
    store.save_attachment("oa1", "sha", "a2", NOW + timedelta(seconds=1))
    assert store.find_attachment("oa1", "sha", uploaded_after=NOW) == "a2"


def test_refused_upload_is_forgotten_but_not_the_one_that_replaced_it(store: Store) -> None:
    before = NOW - timedelta(hours=1)
    store.save_attachment("oa1", "sha", "a2", NOW)
    store.forget_attachment("oa1", "a1")
    assert store.find_attachment("oa1", "sha", uploaded_after=before) == "a2"
    store.forget_attachment("oa2", "a2")
    assert store.find_attachment("oa1", "sha", uploaded_after=before) == "a2"
    store.forget_attachment("oa1", "a2")
    assert store.find_attachment("oa1", "sha", uploaded_after=before) is None


def test_database_from_before_there_were_pictures_gets_their_table(store: Store, url: str) -> None:
    engine = create_engine(url)
    ATTACHMENT.drop(engine)
    engine.dispose()
    again = Store.open(url, key=KEY)
    again.save_attachment("oa1", "sha", "a1", NOW)
    again.close()


HOLD = """
with store.lock_tokens("oa1", hold_s=float(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.readline()
print("freed", flush=True)
"""


def test_token_lock_keeps_a_second_process_out_until_the_first_is_done(
    store: Store, url: str
) -> None:
    with child(HOLD, url, "60") as holder:
        assert holder.stdout and holder.stdin
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(TimeoutError), store.lock_tokens("oa1", wait_s=0.3):
            pass
        # Another OA, and every other write, goes on meanwhile.
        with store.lock_tokens("oa2", wait_s=0.3) as lock:
            assert lock.save("a", "r", NOW, NOW)
        store.record_outcome(ROW)
        holder.stdin.write("\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "freed\n"
        with store.lock_tokens("oa1", wait_s=5) as lock:
            assert lock.row is None


def test_token_lock_of_a_dead_process_becomes_free(store: Store, url: str) -> None:
    with child(HOLD, url, "2") as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    if url.startswith("sqlite"):
        with pytest.raises(TimeoutError), store.lock_tokens("oa1", wait_s=0.1):
            pass
    with store.lock_tokens("oa1", wait_s=20) as lock:
        assert lock.row is None


def test_token_lock_is_freed_when_the_holder_fails(store: Store) -> None:
    with pytest.raises(RuntimeError), store.lock_tokens("oa1"):
        raise RuntimeError
    with store.lock_tokens("oa1", wait_s=1):
        pass


def test_threads_refresh_one_after_another(store: Store) -> None:
    inside: list[int] = []
    worst: list[int] = []

    def refresh() -> None:
        with store.lock_tokens("oa1"):
            inside.append(1)
            worst.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=refresh) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == [1] * 6


WRITE = """
import threading
sys.stdin.readline()
def write(part):
    for i in range(15):
        now = datetime.now(timezone.utc)
        event_id = f"{sys.argv[2]}-{part}-{i}"
        store.record_outcome(OutcomeRow(event_id=event_id, office="o", citizen_hash="c",
            asked_at=now, outcome="error", intent=None, confidence=None, text="t", ranking=[],
            choices=[], model="m"))
        store.record_delivery(event_id, "c", "m" + event_id, now, 0, True)
        store.take_attempt(["all"], now=now, window=timedelta(hours=1), limit=100)
        store.add_setup_link(event_id, expires_at=now)  # reads before it writes
threads = [threading.Thread(target=write, args=(part,)) for part in range(2)]
[t.start() for t in threads]; [t.join() for t in threads]
"""


def test_several_processes_open_and_write_at_once_and_lose_nothing(url: str) -> None:
    # The database does not exist yet: making its tables is part of the race.
    writers = [child(WRITE, url, str(n)) for n in range(4)]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("\n")
        writer.stdin.flush()
    codes = []
    for writer in writers:
        with writer:
            codes.append(writer.wait())
    assert codes == [0, 0, 0, 0]
    store = Store.open(url, key=KEY)
    assert store.count_outcomes(NOW - timedelta(days=36500)) == {"error": 120}
    ids = [f"m{n}-{part}-{i}" for n in range(4) for part in range(2) for i in range(15)]
    assert store.claimed_message_ids(ids) == set(ids)
    store.close()


def test_sqlite_file_is_for_its_owner_only_and_uses_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    store = Store.open(f"sqlite:///{path}", key=KEY)
    store.record_outcome(ROW)
    assert path.stat().st_mode & 0o777 == 0o600
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    store.close()


def test_login_is_unique_in_any_case_of_letters(store: Store) -> None:
    added = store.add_person(PERSON, now=NOW)
    assert added and added.login == "lan.htx"
    assert store.add_person(replace(PERSON, login="LAN.htx"), now=NOW) is None
    assert store.find_person("Lan.htx") == added
    assert store.list_people() == [added]
    assert store.find_person("other") is None


def test_session_ends_by_age_by_idleness_and_when_its_person_is_disabled(store: Store) -> None:
    person = store.add_person(PERSON, now=NOW)
    assert person
    end = NOW + timedelta(hours=12)
    store.add_session("h1", person.id, now=NOW, expires_at=end, user_agent="x" * 200)
    idle = timedelta(hours=2)

    def is_alive(at: datetime) -> bool:
        return store.find_session("h1", now=at, idle=idle) is not None

    assert not store.find_session("h2", now=NOW, idle=idle)
    assert is_alive(NOW + timedelta(minutes=119))
    assert is_alive(NOW + timedelta(minutes=230))  # the visit before moved the end of idleness
    assert not is_alive(NOW + timedelta(minutes=351))
    assert not store.find_session("h1", now=end, idle=timedelta(days=9))
    session = store.find_session("h1", now=NOW, idle=idle)
    assert session and session.person == person and len(session.user_agent) == 80
    store.disable_person(person.id, now=NOW)
    assert not is_alive(NOW)
    store.add_session("h1", person.id, now=NOW, expires_at=end, user_agent="")
    assert not is_alive(NOW)
    store.enable_person(person.id)
    assert is_alive(NOW)


def test_new_password_ends_every_other_session(store: Store) -> None:
    person = store.add_person(PERSON, now=NOW)
    assert person
    for token_hash in ("h1", "h2"):
        end = NOW + timedelta(hours=1)
        store.add_session(token_hash, person.id, now=NOW, expires_at=end, user_agent="")
    store.set_password(person.id, "new", must_change=False, keep_session="h1")
    idle = timedelta(hours=1)
    session = store.find_session("h1", now=NOW, idle=idle)
    assert session and session.person.password_hash == "new"
    assert store.find_session("h2", now=NOW, idle=idle) is None


def test_session_of_nobody_is_refused_by_the_database(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.add_session("h", 99, now=NOW, expires_at=NOW, user_agent="")
    with store._reader.connect() as connection:
        assert connection.execute(select(SESSION)).all() == []


def test_setup_link_works_once_and_only_before_anybody_exists(store: Store) -> None:
    later = NOW + timedelta(hours=24)
    assert store.add_setup_link("old", expires_at=later)
    assert store.add_setup_link("new", expires_at=later)
    assert not store.has_setup_link("old", now=NOW)  # a newer link replaces an unused one
    assert not store.has_setup_link("new", now=later)
    assert store.add_first_person("new", PERSON, now=later) is None
    assert store.add_first_person("new", PERSON, now=NOW)
    assert store.add_first_person("new", replace(PERSON, login="b"), now=NOW) is None
    assert not store.has_setup_link("new", now=NOW)
    assert not store.add_setup_link("third", expires_at=later)


def test_setup_link_is_worth_nothing_once_a_person_was_added_otherwise(store: Store) -> None:
    assert store.add_setup_link("link", expires_at=NOW + timedelta(hours=1))
    assert store.add_person(PERSON, now=NOW)
    assert store.add_first_person("link", replace(PERSON, login="b"), now=NOW) is None
    assert len(store.list_people()) == 1


def test_attempts_are_limited_for_each_subject_within_the_window(store: Store) -> None:
    def take(subjects: list[str], at: datetime) -> bool:
        return store.take_attempt(subjects, now=at, window=timedelta(minutes=15), limit=2)

    assert take(["a", "x"], NOW) and take(["b", "x"], NOW)
    assert not take(["c", "x"], NOW)
    assert take(["c", "y"], NOW)
    assert take(["c", "x"], NOW + timedelta(minutes=16))
    store.clear_attempts(["c", "x"])
    assert take(["c", "x"], NOW + timedelta(minutes=17))
    assert take(["c", "x"], NOW + timedelta(minutes=17))
    assert not take(["c", "z"], NOW + timedelta(minutes=17))
