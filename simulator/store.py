"""What survives a restart, in one SQLite file: tokens, citizens, messages, switches, clock.

Written through at every change and read once at the start; `World` answers from memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simulator.records import Citizen, Message, TokenPair

_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dead_token (token TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS citizen (id TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, value TEXT NOT NULL);
"""


class Store:
    """One file, one writer: start only one simulator on a state folder."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing; only a power cut could, and no demo depends on that.
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def read_kept(self, name: str) -> Any:
        """The JSON value last kept under `name`, or None."""
        row = self._db.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, name: str, value: Any) -> None:
        self._db.execute("REPLACE INTO kept VALUES (?, ?)", (name, json.dumps(value)))

    def save_pair(self, pair: TokenPair, dead: TokenPair | None) -> None:
        """Make `pair` the live one and bury `dead`, in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        self.keep("pair", asdict(pair))
        if dead is not None:
            self._db.executemany(
                "REPLACE INTO dead_token VALUES (?)",
                [(dead.access_token,), (dead.refresh_token,)],
            )
        self._db.execute("COMMIT")

    def read_pair(self) -> TokenPair | None:
        kept = self.read_kept("pair")
        return None if kept is None else TokenPair(**kept)

    def is_dead(self, token: str) -> bool:
        """True for a token that was live once."""
        row = self._db.execute("SELECT 1 FROM dead_token WHERE token = ?", (token,)).fetchone()
        return row is not None

    def save_citizen(self, citizen: Citizen) -> None:
        self._db.execute(
            "REPLACE INTO citizen VALUES (?, ?)", (citizen.id, json.dumps(asdict(citizen)))
        )

    def list_citizens(self) -> Iterator[Citizen]:
        for (value,) in self._db.execute("SELECT value FROM citizen ORDER BY rowid"):
            kept = json.loads(value)
            yield Citizen(**{**kept, "tags": tuple(kept["tags"])})

    def save_message(self, message: Message) -> None:
        """Add the message, or change the one with its id in place."""
        self._db.execute(
            "INSERT INTO message (id, value) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET value = excluded.value",
            (message.id, json.dumps(asdict(message))),
        )

    def list_messages(self) -> Iterator[Message]:
        """All messages, oldest first."""
        for (value,) in self._db.execute("SELECT value FROM message ORDER BY seq"):
            kept = json.loads(value)
            yield Message(**{**kept, "buttons": tuple(kept["buttons"])})
