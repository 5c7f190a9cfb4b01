"""The part of the store about Zalo's OAuth tokens: encrypted rows, and a lock across processes.

When to refresh, and what an answer means, is `tokens`' work.
"""

from __future__ import annotations

import base64
import hashlib
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Engine, Row, Table, or_, select, text, update
from sqlalchemy.exc import OperationalError

from bot.errors import SettingsError
from bot.tables import LOCK, TOKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    oa_id: str
    access_token: str
    refresh_token: str
    expires_at: datetime
    """When the access token dies."""
    refreshed_at: datetime
    """When this pair was saved."""
    refresh_started_at: datetime | None
    """Set before a refresh call, cleared by `save`: set now = the refresh token may be burned."""
    used_hash: str | None
    """`hash_token` of the refresh token that the call used."""
    previous_access_token: str | None
    previous_refresh_token: str | None

    def __repr__(self) -> str:
        return f"TokenRow(oa_id={self.oa_id!r}, expires_at={self.expires_at.isoformat()}, ***)"


def hash_token(token: str) -> str:
    """SHA-256 of a random token, 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


class TokenCipher:
    """Encrypts tokens at rest with a key derived from the installation's secret."""

    def __init__(self, key: bytes) -> None:
        """Raises SettingsError when the secret is empty."""
        if not key:
            raise SettingsError("SECRET_KEY is empty; set it, or let the first start make one")
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"zalo tokens at rest")
        self._fernet = Fernet(base64.urlsafe_b64encode(derived.derive(key)))

    def encrypt(self, token: str) -> str:
        return self._fernet.encrypt(token.encode()).decode()

    def decrypt(self, text: str) -> str:
        """Raises SettingsError when the text was encrypted with another secret."""
        try:
            return self._fernet.decrypt(text.encode()).decode()
        except InvalidToken as exc:
            raise SettingsError(
                "The stored Zalo tokens were encrypted with another SECRET_KEY; "
                "restore that key or connect the OA again"
            ) from exc

    def read(self, row: Row[Any]) -> TokenRow:
        """A row of the table, decrypted."""
        before = row.previous_access_token, row.previous_refresh_token
        access, refresh = (None if t is None else self.decrypt(t) for t in before)
        return TokenRow(
            oa_id=row.oa_id,
            access_token=self.decrypt(row.access_token),
            refresh_token=self.decrypt(row.refresh_token),
            expires_at=row.expires_at,
            refreshed_at=row.refreshed_at,
            refresh_started_at=row.refresh_started_at,
            used_hash=row.used_hash,
            previous_access_token=access,
            previous_refresh_token=refresh,
        )


class TokenLock:
    """What `lock_tokens` yields: the pair of one OA, for the only process that may change it."""

    def __init__(self, rows: TokenRows, oa_id: str) -> None:
        self._rows = rows
        self._oa_id = oa_id
        self._stored = rows._read_raw(oa_id)

    @property
    def row(self) -> TokenRow | None:
        """The pair as stored now; None before the first `save`."""
        return None if self._stored is None else self._rows._cipher.read(self._stored)

    def mark_started(self, used_refresh_token: str, now: datetime) -> None:
        """Write-ahead mark, committed on return, to be made before the refresh call.

        Raises LookupError when no pair is stored: save the first pair before refreshing it.
        """
        with self._rows._writer.begin() as connection:
            marked = connection.execute(
                update(TOKEN)
                .where(TOKEN.c.oa_id == self._oa_id)
                .values(refresh_started_at=now, used_hash=hash_token(used_refresh_token))
            )
        if marked.rowcount == 0:
            raise LookupError(f"no tokens are stored for OA {self._oa_id}")
        self._stored = self._rows._read_raw(self._oa_id)

    def save(self, access: str, refresh: str, expires_at: datetime, now: datetime) -> bool:
        """Stores a new pair, keeps the one it replaces, clears the mark; committed on return.

        False, and nothing changed, when another process stored a pair since `row` was read. That
        happens only to a holder that was stopped for longer than the lock lives.
        """
        cipher = self._rows._cipher
        values = {
            "access_token": cipher.encrypt(access),
            "refresh_token": cipher.encrypt(refresh),
            "expires_at": expires_at,
            "refreshed_at": now,
            "refresh_started_at": None,
            "used_hash": None,
        }
        if self._stored is None:
            statement = self._rows._insert(TOKEN).values(oa_id=self._oa_id, **values)
            statement = statement.on_conflict_do_nothing(index_elements=["oa_id"])
        else:
            statement = (
                update(TOKEN)
                .where(
                    TOKEN.c.oa_id == self._oa_id,
                    TOKEN.c.refresh_token == self._stored.refresh_token,
                )
                .values(
                    **values,
                    previous_access_token=self._stored.access_token,
                    previous_refresh_token=self._stored.refresh_token,
                )
            )
        with self._rows._writer.begin() as connection:
            # RETURNING, because the row count of an INSERT is not known on PostgreSQL.
            saved = connection.execute(statement.returning(TOKEN.c.oa_id)).first()
        self._stored = self._rows._read_raw(self._oa_id)
        return saved is not None


class TokenRows:
    """Tokens in the database. `bot.store.Store` is made of this, among others."""

    _reader: Engine
    _writer: Engine
    _cipher: TokenCipher
    _insert: Callable[[Table], Any]

    def _read_raw(self, oa_id: str) -> Row[Any] | None:
        with self._reader.connect() as connection:
            return connection.execute(select(TOKEN).where(TOKEN.c.oa_id == oa_id)).first()

    def read_tokens(self, oa_id: str) -> TokenRow | None:
        """The stored pair, decrypted. Raises SettingsError when SECRET_KEY is not the one used."""
        stored = self._read_raw(oa_id)
        return None if stored is None else self._cipher.read(stored)

    @contextmanager
    def lock_tokens(
        self, oa_id: str, *, hold_s: float = 60, wait_s: float = 90
    ) -> Iterator[TokenLock]:
        """Holds the only right to change the tokens of one OA, over all processes.

        `hold_s`: on SQLite, when a holder that died loses the lock; must exceed the longest HTTP
        call made inside, several times. On PostgreSQL the server frees it with the connection.
        Raises TimeoutError after waiting for `wait_s`.
        """
        name = f"tokens:{oa_id}"
        is_postgresql = self._reader.dialect.name == "postgresql"
        hold = self._hold_row(name, wait_s) if is_postgresql else self._lease(name, hold_s, wait_s)
        with hold:
            yield TokenLock(self, oa_id)

    def _add_lock(self, name: str) -> None:
        with self._writer.begin() as connection:
            statement = self._insert(LOCK).values(name=name, owner=None, expires_at=0.0)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["name"]))

    @contextmanager
    def _hold_row(self, name: str, wait_s: float) -> Iterator[None]:
        """PostgreSQL: a row lock on a connection of its own."""
        self._add_lock(name)
        with self._reader.connect() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = {int(wait_s * 1000)}"))
            try:
                connection.execute(select(LOCK).where(LOCK.c.name == name).with_for_update())
            except OperationalError as exc:
                raise TimeoutError(f"{name} stayed locked for {wait_s} s") from exc
            yield

    @contextmanager
    def _lease(self, name: str, hold_s: float, wait_s: float) -> Iterator[None]:
        """SQLite: a row with owner and end. A lock of the file would stop every other writer."""
        self._add_lock(name)
        owner = uuid.uuid4().hex
        deadline = time.monotonic() + wait_s
        pause_s = 0.02
        while not self._take_lease(name, owner, hold_s):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} stayed locked for {wait_s} s")
            time.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(pause_s * 1.5, 0.5)
        try:
            yield
        finally:
            with self._writer.begin() as connection:
                connection.execute(
                    update(LOCK)
                    .where(LOCK.c.name == name, LOCK.c.owner == owner)
                    .values(owner=None, expires_at=0.0)
                )

    def _take_lease(self, name: str, owner: str, hold_s: float) -> bool:
        with self._writer.begin() as connection:
            # The clock is read inside the write transaction, so that waiting for it costs no time.
            now = time.time()
            taken = connection.execute(
                update(LOCK)
                .where(LOCK.c.name == name, or_(LOCK.c.owner.is_(None), LOCK.c.expires_at < now))
                .values(owner=owner, expires_at=now + hold_s)
            )
            return taken.rowcount == 1
