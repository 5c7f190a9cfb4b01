"""Writing the public pages: whole files, only what changed, nothing left over, again on change."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.content import Content, ContentFolder, load_content
from bot.publish import keep_published, publish
from tests.bot.builders import TODAY, make_guide, make_guides, make_office, write_content

SLUG = make_office().slug


@pytest.fixture
def content_dir(tmp_path: Path) -> Path:
    return write_content(tmp_path / "content", make_guides())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "var" / "pages"


def read(content_dir: Path) -> Content:
    return load_content(content_dir, TODAY)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_pages_of_each_office_are_in_a_folder_of_its_own(content_dir: Path, out: Path) -> None:
    offices = (make_office(), make_office(slug="xa_hai", oa_id="3880000000000000023"))
    write_content(content_dir, make_guides(), offices)
    publish(read(content_dir), content_dir, out, TODAY)
    assert names(out) == {SLUG, "xa_hai"}
    assert {"index.html", "style.css", "mat_khau.html", "mat_khau-a4.html"} <= names(out / SLUG)
    assert "zalo.me/3880000000000000023" in (out / "xa_hai" / "index.html").read_text("utf-8")


def test_unchanged_files_are_not_written_again(content_dir: Path, out: Path) -> None:
    content = read(content_dir)
    assert publish(content, content_dir, out, TODAY) == len(names(out / SLUG))
    for path in (out / SLUG).iterdir():
        os.utime(path, (1, 1))
    assert publish(content, content_dir, out, TODAY) == 0
    write_content(content_dir, make_guides(guides={"luong": make_guide("luong", answer="Mới.")}))
    publish(read(content_dir), content_dir, out, TODAY)
    fresh = {p.name for p in (out / SLUG).iterdir() if p.stat().st_mtime > 1}
    assert {"luong.html", "luong-a4.html"} <= fresh
    assert "style.css" not in fresh


def test_pages_of_removed_guides_and_offices_are_deleted(content_dir: Path, out: Path) -> None:
    publish(read(content_dir), content_dir, out, TODAY)
    (out / "xa_cu").mkdir()
    (out / "xa_cu" / "index.html").write_text("cũ")
    (content_dir / "guides" / "luong" / "guide.md").unlink()
    publish(read(content_dir), content_dir, out, TODAY)
    assert names(out) == {SLUG}
    assert not {"luong.html", "luong-a4.html"} & names(out / SLUG)
    assert "mat_khau.html" in names(out / SLUG)


def test_a_reader_finds_the_old_file_until_the_new_one_is_whole(
    content_dir: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(read(content_dir), content_dir, out, TODAY)
    page = out / SLUG / "luong.html"
    before = page.read_bytes()
    write_content(content_dir, make_guides(guides={"luong": make_guide("luong", answer="Mới.")}))

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        publish(read(content_dir), content_dir, out, TODAY)
    assert page.read_bytes() == before
    assert not [name for name in names(out / SLUG) if name.endswith(".new")]


async def _until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def test_worker_publishes_again_when_content_changes(content_dir: Path, out: Path) -> None:
    stop = asyncio.Event()
    folder = ContentFolder(content_dir, today=lambda: TODAY, look_every_s=0)
    task = asyncio.create_task(
        keep_published(folder, content_dir, out, stop, today=lambda: TODAY, look_every_s=0.02)
    )
    await _until((out / SLUG / "style.css").exists)
    write_content(content_dir, make_guides(guides={"luong": make_guide("luong", answer="Mới.")}))
    page = out / SLUG / "luong.html"
    await _until(lambda: page.exists() and "Mới." in page.read_text("utf-8"))
    stop.set()
    await asyncio.wait_for(task, 10)


async def test_worker_publishes_again_on_the_next_day(content_dir: Path, out: Path) -> None:
    stop, day = asyncio.Event(), [TODAY]
    folder = ContentFolder(content_dir, today=lambda: day[0], look_every_s=0)
    task = asyncio.create_task(
        keep_published(folder, content_dir, out, stop, today=lambda: day[0], look_every_s=0.02)
    )
    page = out / SLUG / "mat_khau.html"
    await _until(lambda: page.exists() and "12.000 đồng" in page.read_text("utf-8"))
    day[0] = TODAY + timedelta(days=400)
    await _until(lambda: "đang kiểm tra lại" in page.read_text("utf-8"))
    stop.set()
    await asyncio.wait_for(task, 10)


async def test_a_folder_that_cannot_be_written_does_not_end_the_worker(
    content_dir: Path, out: Path
) -> None:
    out.parent.mkdir(parents=True)
    out.write_text("a file where the folder should be")
    stop = asyncio.Event()
    folder = ContentFolder(content_dir, today=lambda: TODAY, look_every_s=0)
    task = asyncio.create_task(
        keep_published(folder, content_dir, out, stop, today=lambda: TODAY, look_every_s=0.02)
    )
    await asyncio.sleep(0.1)
    assert not task.done()
    out.unlink()
    await _until((out / SLUG / "style.css").exists)
    stop.set()
    await asyncio.wait_for(task, 10)


def test_commands_write_pages_and_gallery(
    content_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTENT_DIR", str(content_dir))
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    assert main(["pages", "--out", str(tmp_path / "elsewhere")]) == 0
    assert "index.html" in names(tmp_path / "elsewhere" / SLUG)
    assert main(["gallery", "--office", SLUG]) == 0
    gallery = (tmp_path / "var" / "gallery.html").read_text("utf-8")
    assert f'href="pages/{SLUG}/mat_khau-a4.html"' in gallery
    assert (tmp_path / "var" / "pages" / SLUG / "mat_khau-a4.html").exists()
    assert main(["gallery", "--office", "khong_co"]) == 2
