"""Writes the public pages and the gallery: VAR_DIR/pages/<office>/, anew when content changes.

What the files hold is `pages` and `gallery`; the webhook serves the folder read-only.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import structlog

from bot.content import Content, ContentFolder
from bot.errors import SettingsError
from bot.gallery import render_gallery
from bot.pages import render_pages
from bot.settings import Settings

_LOOK_EVERY_S = 5.0
_PAGES = (".html", ".css", ".png", ".jpg", ".jpeg")
_log = structlog.get_logger()


def publish(content: Content, content_dir: Path, out: Path, day: date) -> int:
    """Brings `out` in line with the content, one folder an office; how many files changed.

    A reader always finds a whole file. Raises OSError when the folder cannot be written.
    """
    changed = 0
    for office in content.offices.values():
        pages = render_pages(content.guides, office, day)
        files = {name: text.encode() for name, text in pages.items()}
        for name, path in _pictures(content, pages).items():
            # A picture that has just been taken away is a gap on the page, not a failure.
            with suppress(FileNotFoundError):
                files[name] = (content_dir / path).read_bytes()
        changed += _write_folder(out / office.slug, files)
    for folder in [p for p in out.glob("*") if p.is_dir() and p.name not in content.offices]:
        changed += _write_folder(folder, {})
        with suppress(OSError):
            folder.rmdir()
    return changed


async def keep_published(
    folder: ContentFolder,
    content_dir: Path,
    out: Path,
    stop: asyncio.Event,
    *,
    today: Callable[[], date],
    look_every_s: float = _LOOK_EVERY_S,
) -> None:
    """Publishes at once and after each change of the content or the date, until `stop` is set.

    Rendering is done in a thread: no citizen waits for it. A failure is logged and tried again.
    """
    published: Content | None = None
    while not stop.is_set():
        content = folder.current()
        if content is not published:
            try:
                changed = await asyncio.to_thread(publish, content, content_dir, out, today())
            except Exception as exc:
                # Pages are not worth the worker: citizens go on being answered in Zalo.
                _log.error("pages.not_published", error=type(exc).__name__)
            else:
                published = content
                _log.info("pages.published", changed=changed)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), look_every_s)


def write_pages(content: Content, settings: Settings, day: date, out: Path | None) -> int:
    """The command `pages`: writes all pages and says where. Exit code 0."""
    folder = out or pages_folder(settings)
    changed = publish(content, settings.content_dir, folder, day)
    print(f"{len(content.guides.guides)} guides, {changed} files changed: {folder}/")
    return 0


def write_gallery(
    content: Content, settings: Settings, day: date, out: Path | None, slug: str
) -> int:
    """The command `gallery`: writes the gallery, and the pages that it links to. Exit code 0.

    Raises SettingsError when there is no such office.
    """
    slugs = [slug] if slug else [o.slug for o in content.offices.values() if o.is_example]
    office = content.offices.get((slugs or list(content.offices))[0])
    if office is None:
        raise SettingsError(f"No office {slug}; there are: {', '.join(content.offices)}")
    pages = pages_folder(settings)
    publish(content, settings.content_dir, pages, day)
    path = (out or settings.var_dir / "gallery.html").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    link = Path(os.path.relpath(pages.resolve() / office.slug, path.parent)).as_posix()
    text = render_gallery(content.guides, office, day, pages=link)
    _write(path, text.encode())
    print(f"{len(content.guides.guides)} guides: {path}")
    return 0


def pages_folder(settings: Settings) -> Path:
    """Where the pages are, for the worker that writes them; the webhook names it on its own."""
    return settings.var_dir / "pages"


def _pictures(content: Content, pages: Mapping[str, str]) -> dict[str, str]:
    """Pictures that the pages show: name beside them → path in the content folder."""
    return {
        f"{guide.intent}-{step.picture.file}": f"guides/{guide.intent}/{step.picture.file}"
        for guide in content.guides.guides.values()
        for step in guide.steps
        if step.picture and step.picture.is_sendable and f"{guide.intent}.html" in pages
    }


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> int:
    """Makes `folder` hold these pages and no other; how many files changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = 0
    for name, data in files.items():
        changed += _write(folder / name, data)
    for path in folder.iterdir():
        if path.suffix in _PAGES and path.name not in files:
            path.unlink(missing_ok=True)
            changed += 1
    return changed


def _write(path: Path, data: bytes) -> bool:
    """Puts `data` in place in one step; False if the file already held it."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return False
    # The process id keeps two writers apart; the ending keeps it out of the pages.
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        fresh.write_bytes(data)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return True
