"""Uploads: images, gifs and files that a message may then name by id, for seven days."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from simulator.sending import JsonObject, Refusal
from simulator.tables import LIMITS
from simulator.times import vietnam_date
from simulator.world import World

UploadKind = Literal["image", "gif", "file"]

_FILE_TYPES = {"pdf", "doc", "docx", "csv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What was uploaded; `id` is an attachment_id, for files a token."""

    id: str
    kind: UploadKind
    media_type: str
    name: str
    uploaded_ms: int
    content: bytes


class Uploads:
    """Kept in memory only: after a restart every id is as good as expired."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._uploads: dict[str, Upload] = {}
        self._requests: Counter[tuple[str, UploadKind]] = Counter()

    def add(self, kind: UploadKind, name: str, content: bytes) -> JsonObject:
        """Answer data of the upload call.

        Raises Refusal -211 when the month's number is used up, -210 on the size, -201 on the type.
        """
        self._count(kind)
        at_most = LIMITS.image_max_bytes if kind == "image" else LIMITS.file_max_bytes
        if len(content) > at_most:
            raise Refusal(-210)
        media_type = _media_type(kind, name, content)
        key = "token" if kind == "file" else "attachment_id"
        upload = Upload(
            id=f"UP_{secrets.token_urlsafe(18)}", kind=kind, media_type=media_type, name=name,
            uploaded_ms=self._world.clock.now_ms(), content=content,
        )  # fmt: skip
        self._uploads[upload.id] = upload
        self._world.counters.uploads[kind] += 1
        return {key: upload.id}

    def _count(self, kind: UploadKind) -> None:
        """Counts one request in the month of the simulated clock, in Viet Nam."""
        month = vietnam_date(self._world.clock.now_ms())[3:]
        self._requests[month, kind] += 1
        if self._requests[month, kind] > self._world.profile.uploads_per_month:
            raise Refusal(-211)

    def find(self, upload_id: str) -> Upload:
        """The upload, as long as it is kept. Raises Refusal -100."""
        upload = self._uploads.get(upload_id)
        if upload is None:
            raise Refusal(-100)
        age_s = (self._world.clock.now_ms() - upload.uploaded_ms) / 1000
        if age_s > LIMITS.upload_kept_s:
            raise Refusal(-100)
        return upload


def _media_type(kind: UploadKind, name: str, content: bytes) -> str:
    if kind == "file":
        ending = name.rpartition(".")[2].lower()
        if ending not in _FILE_TYPES:
            raise Refusal(-201, "file is invalid. We only support pdf, doc, docx and csv")
        return "application/octet-stream"
    if kind == "gif":
        if not content.startswith((b"GIF87a", b"GIF89a")):
            raise Refusal(-201, "file is invalid. We only support gif")
        return "image/gif"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    raise Refusal(-201, "file is invalid. We only support png and jpeg")
