"""Pictures in guides: the line that names one, and what the bytes of its file are.

Pure: `content` reads the files, `checks` judges what is found here, `attachments` hands them to
Zalo, which takes PNG and JPEG only.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Final

from bot.errors import ContentError
from bot.guides import Picture

MARK: Final = "!["
"""A line of a step that begins so names its picture."""
_LINE: Final = re.compile(r"!\[(?P<description>[^\[\]]*)\]\((?P<file>[A-Za-z0-9_-][\w.-]*)\)", re.A)
_BEGINNINGS: Final = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def parse_picture(line: str) -> Picture:
    """The picture of a line `![description](file.png)`, its file not yet looked at.

    Raises ContentError (without a path) on any other form, a file in another folder included.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise ContentError("", f"hình cần dạng “![mô tả ngắn](ten_tep.png)”: {line}")
    return Picture(file=found["file"], description=" ".join(found["description"].split()))


def measure_picture(picture: Picture, content: bytes) -> Picture:
    """The picture with what its file holds."""
    media_type = next((kind for start, kind in _BEGINNINGS if content.startswith(start)), "")
    return replace(
        picture,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type,
    )
