"""The guide pages as the webhook serves them: read-only, with strict headers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.settings import Settings


@pytest.fixture
def pages(settings: Settings) -> Path:
    folder = settings.var_dir / "pages" / "xa_mau"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<p>Mục lục</p>", encoding="utf-8")
    (folder / "can_cuoc.html").write_text("<p>Căn cước</p>", encoding="utf-8")
    (folder / "style.css").write_text("p {}", encoding="utf-8")
    (settings.var_dir / "secret_key").write_text("confidential", encoding="utf-8")
    return folder


async def test_pages_are_served_with_strict_headers(client: httpx.AsyncClient, pages: Path) -> None:
    for path, kind in (
        ("can_cuoc.html", "text/html"),
        ("style.css", "text/css"),
        ("", "text/html"),
    ):
        page = await client.get(f"/huong-dan/xa_mau/{path}")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith(kind)
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self' data:")
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "max-age=300"


async def test_page_written_later_is_served_and_a_missing_one_is_404(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    assert (await client.get("/huong-dan/xa_mau/moi.html")).status_code == 404
    folder = settings.var_dir / "pages" / "xa_mau"
    folder.mkdir(parents=True)
    (folder / "moi.html").write_text("Mới", encoding="utf-8")
    assert (await client.get("/huong-dan/xa_mau/moi.html")).text == "Mới"


@pytest.mark.parametrize(
    "path",
    [
        "../secret_key",
        "%2e%2e/secret_key",
        "xa_mau/../../secret_key",
        "xa_mau/%2e%2e%2f%2e%2e%2fsecret_key",
    ],
)
async def test_nothing_outside_the_pages_folder_is_served(
    path: str, client: httpx.AsyncClient, pages: Path
) -> None:
    answer = await client.get(f"/huong-dan/{path}")
    assert answer.status_code in (307, 404)
    assert "confidential" not in answer.text


async def test_pages_cannot_be_written(client: httpx.AsyncClient, pages: Path) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = await client.request(method, "/huong-dan/xa_mau/can_cuoc.html")
        assert answer.status_code == 405
    assert (pages / "can_cuoc.html").exists()
