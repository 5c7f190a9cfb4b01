"""Local file for events that Redis could not take, one JSON line each: owner, id, body.

A line is on the disk before Zalo gets its 200. One process per file. When to write and when to
replay is decided in `webhook/intake.py`.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path

import orjson

Item = tuple[str, str, bytes]
"""(owner, event id, raw body), as `Mailbox.put_many` takes them."""


class Spill:
    """The file and how far it has been replayed. Its methods block; OSError comes through."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        """Lines that could not be read back; only a crash while writing leaves one."""
        self._offset = 0
        self._size = path.stat().st_size if path.exists() else 0

    @property
    def is_empty(self) -> bool:
        return self._offset >= self._size

    def append(self, items: Sequence[Item]) -> None:
        """Write the items behind the others, all or nothing, and wait for the disk."""
        data = b"".join(
            # Base64, because the body of a damaged event may be any bytes.
            orjson.dumps({"owner": owner, "id": id, "body": b64encode(body).decode()}) + b"\n"
            for owner, id, body in items
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                data = b"\n" + data
            try:
                written = os.write(file, data)
                if written != len(data):
                    raise OSError(f"only {written} of {len(data)} bytes written")
                os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise
            self._size = size + len(data)
        finally:
            os.close(file)

    def read(self, limit: int) -> tuple[list[Item], int]:
        """The next items to replay, oldest first, and the offset for `advance` behind them."""
        items: list[Item] = []
        with self.path.open("rb") as file:
            file.seek(self._offset)
            while len(items) < limit and (line := file.readline()):
                try:
                    row = orjson.loads(line)
                    items.append((row["owner"], row["id"], b64decode(row["body"])))
                except (ValueError, KeyError, TypeError):
                    self.damaged += line.strip() != b""
            return items, file.tell()

    def advance(self, offset: int) -> None:
        """Note that everything before `offset` is in Redis; delete the file after its last line.

        A crash in between replays from the start, which the mailbox' dedupe makes harmless.
        """
        self._offset = offset
        if self.is_empty:
            self.path.unlink(missing_ok=True)
            self._offset = self._size = 0
