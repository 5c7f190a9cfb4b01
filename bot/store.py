"""The database: outcomes, deliveries, what is known of each OA, its tokens, officers' accounts.

What must last or be browsed, on SQLite or PostgreSQL; what flows is in `mailbox`. Every method is
synchronous, thread-safe and safe beside other processes: call it with `asyncio.to_thread`.
Times go in and come out as timezone-aware UTC.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from bot.accounts import Accounts
from bot.errors import SettingsError
from bot.tables import ATTACHMENT, DELIVERY, METADATA, OA, OUTCOME, SCHEMA, SCHEMA_VERSION
from bot.token_rows import TokenCipher, TokenLock, TokenRow, TokenRows, hash_token

__all__ = ["UNANSWERED", "OaState", "OutcomeRow", "Store", "TokenLock", "TokenRow", "hash_token"]

UNANSWERED = ("no_content", "out_of_scope", "clarify", "error")
"""Outcomes that officers review, in the order in which pages name them."""

_BUSY_TIMEOUT_S = 30
# Any number does, as long as it is the same in every process.
_SCHEMA_LOCK = 7_210_401


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    event_id: str
    office: str
    citizen_hash: str
    asked_at: datetime
    outcome: str
    intent: str | None
    confidence: float | None
    text: str
    """Already redacted."""
    ranking: Sequence[tuple[str, float]]
    """Intents with confidence 0..1, nearest first."""
    choices: Sequence[str]
    """Intents offered in a clarification."""
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OaState:
    """What was learnt about an OA by sending; None: not known yet."""

    endpoint: str | None
    button_shape: str | None


def _prepare_sqlite(engine: Engine, path: str) -> None:
    """Creates the file readable by its owner only, and sets up every connection to it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not open transactions by itself: `begin` below does.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_S * 1000}")
        connection.execute("PRAGMA foreign_keys = ON")
        # An outcome lost with the machine's power is written again with its event.
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that begins as a reader is refused at once when another one was faster;
        # beginning as a writer waits its turn.
        is_writer = connection.get_execution_options().get("is_writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _switch_to_wal(path: str) -> None:
    """WAL is a property of the file. SQLite does not wait while another process switches it."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        finally:
            connection.close()


def _create_tables(writer: Engine, now: datetime) -> None:
    """Makes missing tables. Raises SettingsError when the database is of a newer program."""
    with writer.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
        METADATA.create_all(connection)
        version = connection.execute(select(func.max(SCHEMA.c.version))).scalar()
        if version is None:
            connection.execute(insert(SCHEMA).values(version=SCHEMA_VERSION, applied_at=now))
        elif version > SCHEMA_VERSION:
            raise SettingsError(
                f"The database has schema {version}, this program knows {SCHEMA_VERSION}; "
                "start the newer program or restore an older copy of the database"
            )


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store(Accounts, TokenRows):
    """One database. Make it with `Store.open`."""

    def __init__(self, engine: Engine, cipher: TokenCipher, clock: Callable[[], datetime]) -> None:
        self._reader = engine
        self._writer = engine.execution_options(is_writer=True)
        self._cipher = cipher
        self._clock = clock

    @classmethod
    def open(cls, url: str, *, key: bytes, clock: Callable[[], datetime] = _utc_now) -> Store:
        """The store at an SQLAlchemy address, with tables made when missing.

        `key` is the installation's secret: tokens are encrypted with a key derived from it.
        Raises SettingsError when it is empty or the database is of a newer program.
        """
        cipher = TokenCipher(key)
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            if not address.database or address.database == ":memory:":
                raise SettingsError("DATABASE_URL names no SQLite file; several processes need one")
            engine = create_engine(address)
            _prepare_sqlite(engine, address.database)
            _switch_to_wal(address.database)
        else:
            engine = create_engine(address, pool_pre_ping=True)
        store = cls(engine, cipher, clock)
        try:
            _create_tables(store._writer, clock())
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Closes the pooled connections."""
        self._reader.dispose()

    def _insert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT, in the database's dialect."""
        make = postgresql.insert if self._reader.dialect.name == "postgresql" else sqlite.insert
        return make(table)

    def record_outcome(self, row: OutcomeRow) -> None:
        """Stores the outcome of one event; a second time changes nothing."""
        statement = self._insert(OUTCOME).values(
            event_id=row.event_id,
            office=row.office,
            citizen_hash=row.citizen_hash,
            asked_at=row.asked_at,
            outcome=row.outcome,
            intent=row.intent,
            confidence=row.confidence,
            text=row.text,
            ranking=[[intent, confidence] for intent, confidence in row.ranking],
            choices=list(row.choices),
            model=row.model,
        )
        with self._writer.begin() as connection:
            connection.execute(statement.on_conflict_do_nothing(index_elements=["event_id"]))

    def list_unanswered(
        self, limit: int, offset: int, outcome: str | None = None, *, office: str | None = None
    ) -> list[OutcomeRow]:
        """Outcomes of UNANSWERED, or of the one given, newest first."""
        query = (
            select(OUTCOME)
            .where(*_unanswered(outcome, office))
            .order_by(OUTCOME.c.asked_at.desc(), OUTCOME.c.event_id.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._reader.connect() as connection:
            return [_outcome(row) for row in connection.execute(query)]

    def count_unanswered(self, outcome: str | None = None, *, office: str | None = None) -> int:
        """How many rows `list_unanswered` has in all."""
        query = select(func.count()).select_from(OUTCOME).where(*_unanswered(outcome, office))
        with self._reader.connect() as connection:
            return connection.execute(query).scalar_one()

    def count_outcomes(self, since: datetime, *, office: str | None = None) -> dict[str, int]:
        """Number of events by outcome since then; an outcome that did not occur is missing."""
        query = (
            select(OUTCOME.c.outcome, func.count())
            .where(OUTCOME.c.asked_at >= since)
            .group_by(OUTCOME.c.outcome)
        )
        if office is not None:
            query = query.where(OUTCOME.c.office == office)
        with self._reader.connect() as connection:
            return {name: count for name, count in connection.execute(query)}

    def record_delivery(
        self,
        letter_id: str,
        citizen_hash: str,
        message_id: str | None,
        sent_at: datetime,
        code: int | None,
        charged: bool | None,
    ) -> None:
        """Stores what became of one letter; a later report replaces the earlier one."""
        known = {
            "citizen_hash": citizen_hash,
            "message_id": message_id,
            "sent_at": sent_at,
            "code": code,
            "charged": charged,
        }
        statement = self._insert(DELIVERY).values(letter_id=letter_id, **known)
        with self._writer.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["letter_id"], set_=known)
            )

    def claimed_message_ids(self, message_ids: Collection[str]) -> set[str]:
        """Those of the given Zalo message ids that some letter's delivery has recorded."""
        query = select(DELIVERY.c.message_id).where(DELIVERY.c.message_id.in_(list(message_ids)))
        with self._reader.connect() as connection:
            return {row.message_id for row in connection.execute(query)}

    def delivered_message_id(self, letter_id: str) -> str | None:
        """Zalo's id of the message that this letter became; None while it is not delivered."""
        query = select(DELIVERY.c.message_id).where(DELIVERY.c.letter_id == letter_id)
        with self._reader.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def read_oa(self, oa_id: str) -> OaState:
        """What is known of an OA; all None for an unknown one."""
        with self._reader.connect() as connection:
            row = connection.execute(select(OA).where(OA.c.oa_id == oa_id)).first()
        return OaState(
            endpoint=row.endpoint if row else None, button_shape=row.button_shape if row else None
        )

    def find_attachment(self, oa_id: str, sha256: str, *, uploaded_after: datetime) -> str | None:
        """Zalo's id of a picture that was uploaded for this OA after that time."""
        query = select(ATTACHMENT.c.attachment_id).where(
            ATTACHMENT.c.oa_id == oa_id,
            ATTACHMENT.c.sha256 == sha256,
            ATTACHMENT.c.uploaded_at > uploaded_after,
        )
        with self._reader.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def save_attachment(
        self, oa_id: str, sha256: str, attachment_id: str, uploaded_at: datetime
    ) -> None:
        """Remembers an upload; of two of the same picture the one saved last."""
        known = {"attachment_id": attachment_id, "uploaded_at": uploaded_at}
        statement = self._insert(ATTACHMENT).values(oa_id=oa_id, sha256=sha256, **known)
        with self._writer.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["oa_id", "sha256"], set_=known)
            )

    def forget_attachment(self, oa_id: str, attachment_id: str) -> None:
        """Forgets an upload that Zalo refused; one that replaced it meanwhile stays."""
        statement = delete(ATTACHMENT).where(
            ATTACHMENT.c.oa_id == oa_id, ATTACHMENT.c.attachment_id == attachment_id
        )
        with self._writer.begin() as connection:
            connection.execute(statement)

    def save_oa(
        self, oa_id: str, *, endpoint: str | None = None, button_shape: str | None = None
    ) -> None:
        """Remembers what is given; None leaves that value as it was."""
        given = {"endpoint": endpoint, "button_shape": button_shape}
        known = {name: value for name, value in given.items() if value is not None}
        values = {**known, "updated_at": self._clock()}
        statement = self._insert(OA).values(oa_id=oa_id, **values)
        with self._writer.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["oa_id"], set_=values)
            )


def _unanswered(outcome: str | None, office: str | None) -> list[ColumnElement[bool]]:
    kinds = UNANSWERED if outcome is None else (outcome,)
    conditions: list[ColumnElement[bool]] = [OUTCOME.c.outcome.in_(kinds)]
    if office is not None:
        conditions.append(OUTCOME.c.office == office)
    return conditions


def _outcome(row: Row[Any]) -> OutcomeRow:
    return OutcomeRow(
        event_id=row.event_id,
        office=row.office,
        citizen_hash=row.citizen_hash,
        asked_at=row.asked_at,
        outcome=row.outcome,
        intent=row.intent,
        confidence=row.confidence,
        text=row.text,
        ranking=tuple((intent, confidence) for intent, confidence in row.ranking),
        choices=tuple(row.choices),
        model=row.model,
    )
