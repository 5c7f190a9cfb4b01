"""The part of the store about officers: people, sessions, set-up links, login attempts.

Keeps hashes only; making tokens and hashing passwords is `admin.auth`'s work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.tables import LOGIN_ATTEMPT, PERSON, SESSION, SETUP_LINK


class Role(StrEnum):
    """What a person may do; each role includes the ones before it."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether this role may do everything that `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: int
    login: str
    """Lower case, unique."""
    name: str
    password_hash: str
    role: Role
    must_change_password: bool
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person to be added; the store gives the id."""

    login: str
    name: str
    password_hash: str
    role: Role
    must_change_password: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    token_hash: str
    """SHA-256 of the cookie's value, hex; the value itself is never stored."""
    person: Person
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime
    user_agent: str


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        login=row.login,
        name=row.name,
        password_hash=row.password_hash,
        role=Role(row.role),
        must_change_password=row.must_change_password,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )


def _insert_person(connection: Connection, new: NewPerson, now: datetime) -> Person:
    row = connection.execute(
        insert(PERSON)
        .values(
            login=new.login.lower(),
            name=new.name,
            password_hash=new.password_hash,
            role=new.role.value,
            must_change_password=new.must_change_password,
            created_at=now,
        )
        .returning(PERSON)
    ).one()
    return _person(row)


class Accounts:
    """Officers' accounts. `bot.store.Store` is made of this and of the bot's own records."""

    _reader: Engine
    _writer: Engine

    def has_person(self) -> bool:
        """Whether anybody was ever added, disabled people included."""
        with self._reader.connect() as connection:
            return connection.execute(select(PERSON.c.id).limit(1)).first() is not None

    def add_person(self, new: NewPerson, *, now: datetime) -> Person | None:
        """The stored person; None when the login is taken."""
        try:
            with self._writer.begin() as connection:
                return _insert_person(connection, new, now)
        except IntegrityError:
            return None

    def find_person(self, login: str) -> Person | None:
        """The person with this login in any case of letters, disabled or not."""
        with self._reader.connect() as connection:
            row = connection.execute(select(PERSON).where(PERSON.c.login == login.lower())).first()
        return _person(row) if row else None

    def list_people(self) -> list[Person]:
        """Everybody, by name."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(PERSON).order_by(PERSON.c.name, PERSON.c.id)).all()
        return [_person(row) for row in rows]

    def set_password(
        self, person_id: int, password_hash: str, *, must_change: bool, keep_session: str = ""
    ) -> None:
        """Replaces the password and ends the person's sessions except `keep_session`'s hash."""
        with self._writer.begin() as connection:
            connection.execute(
                update(PERSON)
                .where(PERSON.c.id == person_id)
                .values(password_hash=password_hash, must_change_password=must_change)
            )
            connection.execute(
                delete(SESSION).where(
                    SESSION.c.person_id == person_id, SESSION.c.token_hash != keep_session
                )
            )

    def disable_person(self, person_id: int, *, now: datetime) -> None:
        """Closes the account and ends its sessions; the row stays, for the record."""
        with self._writer.begin() as connection:
            connection.execute(
                update(PERSON).where(PERSON.c.id == person_id).values(disabled_at=now)
            )
            connection.execute(delete(SESSION).where(SESSION.c.person_id == person_id))

    def enable_person(self, person_id: int) -> None:
        """Opens a closed account again."""
        with self._writer.begin() as connection:
            connection.execute(
                update(PERSON).where(PERSON.c.id == person_id).values(disabled_at=None)
            )

    def add_session(
        self,
        token_hash: str,
        person_id: int,
        *,
        now: datetime,
        expires_at: datetime,
        user_agent: str,
    ) -> None:
        """Stores a new session and removes those that are over."""
        with self._writer.begin() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.expires_at <= now))
            connection.execute(
                insert(SESSION).values(
                    token_hash=token_hash,
                    person_id=person_id,
                    created_at=now,
                    expires_at=expires_at,
                    last_seen_at=now,
                    user_agent=user_agent[:80],
                )
            )

    def find_session(self, token_hash: str, *, now: datetime, idle: timedelta) -> Session | None:
        """The session if it is not over, not idle for longer than `idle`, its person not disabled.

        Writes the time of the last visit, at most once a minute.
        """
        query = (
            select(PERSON, *[c for c in SESSION.c if c.name != "created_at"])
            .add_columns(SESSION.c.created_at.label("session_created_at"))
            .join(SESSION, SESSION.c.person_id == PERSON.c.id)
            .where(
                SESSION.c.token_hash == token_hash,
                SESSION.c.expires_at > now,
                SESSION.c.last_seen_at > now - idle,
                PERSON.c.disabled_at.is_(None),
            )
        )
        with self._reader.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if now - row.last_seen_at > timedelta(minutes=1):
            with self._writer.begin() as connection:
                connection.execute(
                    update(SESSION)
                    .where(SESSION.c.token_hash == token_hash)
                    .values(last_seen_at=now)
                )
        return Session(
            token_hash=token_hash,
            person=_person(row),
            created_at=row.session_created_at,
            expires_at=row.expires_at,
            last_seen_at=row.last_seen_at,
            user_agent=row.user_agent,
        )

    def end_session(self, token_hash: str) -> None:
        """Ends one session; an unknown one changes nothing."""
        with self._writer.begin() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.token_hash == token_hash))

    def add_setup_link(self, token_hash: str, *, expires_at: datetime) -> bool:
        """Stores the one valid set-up link, replacing unused ones; False when a person exists."""
        with self._writer.begin() as connection:
            if connection.execute(select(PERSON.c.id).limit(1)).first() is not None:
                return False
            connection.execute(delete(SETUP_LINK).where(SETUP_LINK.c.used_at.is_(None)))
            connection.execute(
                insert(SETUP_LINK).values(token_hash=token_hash, expires_at=expires_at)
            )
            return True

    def has_setup_link(self, token_hash: str, *, now: datetime) -> bool:
        """Whether this link could make the first person now."""
        query = select(SETUP_LINK.c.token_hash).where(
            SETUP_LINK.c.token_hash == token_hash,
            SETUP_LINK.c.used_at.is_(None),
            SETUP_LINK.c.expires_at > now,
            ~select(PERSON.c.id).exists(),
        )
        with self._reader.connect() as connection:
            return connection.execute(query).first() is not None

    def add_first_person(self, token_hash: str, new: NewPerson, *, now: datetime) -> Person | None:
        """The first person, and the link used up, in one step.

        None when the link is unknown, used or too old, or when a person exists already.
        """
        with self._writer.begin() as connection:
            used = connection.execute(
                update(SETUP_LINK)
                .where(
                    SETUP_LINK.c.token_hash == token_hash,
                    SETUP_LINK.c.used_at.is_(None),
                    SETUP_LINK.c.expires_at > now,
                    ~select(PERSON.c.id).exists(),
                )
                .values(used_at=now)
            )
            return _insert_person(connection, new, now) if used.rowcount == 1 else None

    def take_attempt(
        self, subjects: Sequence[str], *, now: datetime, window: timedelta, limit: int
    ) -> bool:
        """Whether every subject has fewer than `limit` attempts within `window`; if so, counts one.

        Counted before the password is looked at, so that tries sent at once cannot slip through.
        """
        with self._writer.begin() as connection:
            connection.execute(delete(LOGIN_ATTEMPT).where(LOGIN_ATTEMPT.c.tried_at < now - window))
            for subject in subjects:
                count = connection.execute(
                    select(func.count()).where(LOGIN_ATTEMPT.c.subject == subject)
                ).scalar_one()
                if count >= limit:
                    return False
            connection.execute(
                insert(LOGIN_ATTEMPT), [{"subject": s, "tried_at": now} for s in subjects]
            )
            return True

    def clear_attempts(self, subjects: Sequence[str]) -> None:
        """Forgets the attempts of these subjects, after a right password."""
        with self._writer.begin() as connection:
            connection.execute(delete(LOGIN_ATTEMPT).where(LOGIN_ATTEMPT.c.subject.in_(subjects)))
