"""Pictures at Zalo: uploaded once for each OA, remembered with their age, uploaded again when due.

An upload never decides over a message: whatever goes wrong, the message goes out in words. After a
failure no picture of that OA is tried for a while, so that nobody waits behind it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from bot.errors import ZaloAmbiguous, ZaloBusy, ZaloError, ZaloToken
from bot.messages import MessagePicture
from bot.store import Store

PAUSE: Final = timedelta(minutes=1)
"""Without pictures after an upload that failed for a while: no answer, a rate limit."""
LONG_PAUSE: Final = timedelta(minutes=30)
"""After one that a person has to look at; also keeps within 5,000 uploads a month."""
Upload = Callable[[str, bytes], Awaitable[str]]
"""Name and bytes of a picture → its attachment id. Raises ZaloError or TimeoutError."""
_log = structlog.get_logger()


class Attachments:
    """What was uploaded. `content_dir` holds the pictures, `max_age` is shorter than Zalo keeps."""

    def __init__(
        self, store: Store, content_dir: Path, max_age: timedelta, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._content_dir = content_dir
        self._max_age = max_age
        self._now = now
        self._uploading: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._paused_until: dict[str, datetime] = {}

    async def attachment_id(self, oa_id: str, picture: MessagePicture, upload: Upload) -> str:
        """Zalo's id of a picture, uploaded now if need be; empty: it cannot be shown now."""
        # One upload serves everybody who waits for the same picture meanwhile.
        async with self._uploading[oa_id, picture.sha256]:
            if self._is_paused(oa_id):
                return ""
            known = await asyncio.to_thread(
                self._store.find_attachment,
                oa_id,
                picture.sha256,
                uploaded_after=self._now() - self._max_age,
            )
            return known or await self._upload(oa_id, picture, upload)

    async def forget(self, oa_id: str, attachment_id: str) -> None:
        """Zalo refused this id."""
        await asyncio.to_thread(self._store.forget_attachment, oa_id, attachment_id)

    def pause(self, oa_id: str, wait: timedelta) -> None:
        """No picture of this OA is tried for a while."""
        self._paused_until[oa_id] = self._now() + wait

    def _is_paused(self, oa_id: str) -> bool:
        until = self._paused_until.get(oa_id)
        return until is not None and self._now() < until

    async def _upload(self, oa_id: str, picture: MessagePicture, upload: Upload) -> str:
        content = await asyncio.to_thread(self._read, picture)
        if content is None:
            return ""
        try:
            attachment_id = await upload(picture.path.rpartition("/")[2], content)
        except (ZaloError, TimeoutError) as exc:
            is_passing = isinstance(exc, ZaloAmbiguous | ZaloBusy | ZaloToken | TimeoutError)
            self.pause(oa_id, PAUSE if is_passing else LONG_PAUSE)
            code = exc.code if isinstance(exc, ZaloError) else None
            _log.error("attachments.upload_failed", path=picture.path, code=code)
            return ""
        await asyncio.to_thread(
            self._store.save_attachment, oa_id, picture.sha256, attachment_id, self._now()
        )
        _log.info("attachments.uploaded", path=picture.path)
        return attachment_id

    def _read(self, picture: MessagePicture) -> bytes | None:
        """The bytes that the message means; None if officers have removed or changed the file."""
        try:
            content = (self._content_dir / picture.path).read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() == picture.sha256:
            return content
        _log.warning("attachments.file_changed", path=picture.path)
        return None
