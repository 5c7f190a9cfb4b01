"""The tables of the database, for SQLite and PostgreSQL alike; `store` and `accounts` use them.

Nothing here opens a connection. A change of a table raises SCHEMA_VERSION and needs a migration.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 1


class UtcDateTime(TypeDecorator[datetime]):
    """Timezone-aware UTC on the Python side; SQLite, which has no timezones, keeps naive UTC.

    A naive datetime raises ValueError, since nobody can say which moment it means.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without timezone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()

SCHEMA = Table(
    "schema_version",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", UtcDateTime, nullable=False),
)

OUTCOME = Table(
    "outcome",
    METADATA,
    Column("event_id", String(128), primary_key=True),
    Column("office", String(64), nullable=False),
    Column("citizen_hash", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("text", Text, nullable=False),
    Column("ranking", JSON, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("model", String(128), nullable=False),
    Index("outcome_by_kind", "outcome", "asked_at", "event_id"),
    Index("outcome_by_time", "asked_at", "event_id"),
)

DELIVERY = Table(
    "delivery",
    METADATA,
    Column("letter_id", String(160), primary_key=True),
    Column("citizen_hash", String(64), nullable=False),
    Column("message_id", String(128), index=True),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("code", Integer),
    Column("charged", Boolean),
)

OA = Table(
    "oa",
    METADATA,
    Column("oa_id", String(64), primary_key=True),
    Column("endpoint", String(32)),
    Column("button_shape", String(32)),
    Column("updated_at", UtcDateTime, nullable=False),
)

# Pictures that Zalo keeps for us: which id it gave them, and when.
ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("oa_id", String(64), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("attachment_id", String(512), nullable=False),
    Column("uploaded_at", UtcDateTime, nullable=False),
)

TOKEN = Table(
    "token",
    METADATA,
    Column("oa_id", String(64), primary_key=True),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("refreshed_at", UtcDateTime, nullable=False),
    Column("refresh_started_at", UtcDateTime),
    Column("used_hash", String(64)),
    Column("previous_access_token", Text),
    Column("previous_refresh_token", Text),
)

# A lock is a row of its own, so that the row it guards stays writable while the lock is held.
LOCK = Table(
    "named_lock",
    METADATA,
    Column("name", String(128), primary_key=True),
    Column("owner", String(64)),
    Column("expires_at", Float, nullable=False),
)

PERSON = Table(
    "person",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("role", String(16), nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

SESSION = Table(
    "session",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("user_agent", String(80), nullable=False),
)

SETUP_LINK = Table(
    "setup_link",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

LOGIN_ATTEMPT = Table(
    "login_attempt",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("tried_at", UtcDateTime, nullable=False),
    Index("login_attempt_by_subject", "subject", "tried_at"),
)
