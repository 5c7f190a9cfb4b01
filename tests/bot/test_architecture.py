"""Who may import what, and who may not read the clock, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.builders import ROOT

CORE = {
    "fraud",
    "fraud_signs",
    "pictures",
    "words", "followups", "shortcuts", "scene", "asking_back", "menus", "guide_talk", "opening",
    "talk",
    "lengths",
    "lints",
    "readability",
    "pages",
    "gallery",
    "events", "messages", "guides", "offices", "checks", "privacy", "answer", "render", "templates",
}  # fmt: skip
EDGES = {
    "nlu_client": set[str](),
    "zalo_client": set[str](),
    "mailbox": set[str](),
    "content": set[str](),
    "tokens": {"store", "token_rows", "settings"},
}
NOT_IN_CORE = {
    "httpx", "redis", "sqlalchemy", "fastapi", "os", "pathlib", "time", "random", "socket",
    "subprocess", "asyncio", "structlog",
}  # fmt: skip


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, with dots; what is imported from `bot` counts as module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names.add(module)
            if "." not in module:
                names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def files_of(package: str) -> list[Path]:
    return sorted(p for p in (ROOT / package).rglob("*.py") if "__pycache__" not in p.parts)


def roots(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def in_bot(names: set[str]) -> set[str]:
    """The modules of `bot` among the names, without the package itself."""
    return {name.split(".")[1] for name in names if name.startswith("bot.")}


def calls_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_imports_are_read_in_every_way_they_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("import os.path\nfrom bot import store\ndef f():\n    from bot.tokens import T")
    names = imports_of(path)
    assert roots(names) == {"os", "bot"}
    assert in_bot(names) == {"store", "tokens"}


@pytest.mark.parametrize("path", files_of("webhook"), ids=lambda p: p.name)
def test_webhook_takes_only_mailbox_settings_and_errors_from_the_bot(path: Path) -> None:
    names = imports_of(path)
    assert in_bot(names) <= {"mailbox", "settings", "errors"}
    assert not roots(names) & {"nlu", "simulator"}


@pytest.mark.parametrize("module", sorted(CORE))
def test_core_knows_no_outside_system(module: str) -> None:
    names = imports_of(ROOT / "bot" / f"{module}.py")
    assert in_bot(names) <= CORE | {"errors"}
    assert not roots(names) & NOT_IN_CORE


@pytest.mark.parametrize("module", sorted(CORE))
def test_core_asks_nobody_for_the_time(module: str) -> None:
    clocks = {"now", "today", "utcnow", "time", "monotonic", "perf_counter"}
    called = {
        call
        for call in calls_in(ROOT / "bot" / f"{module}.py")
        if call.rpartition(".")[2] in clocks and call != "time"
    }
    assert not {c for c in called if c.split(".")[0] in {"datetime", "date", "time"}}


@pytest.mark.parametrize("module", sorted(EDGES))
def test_edges_do_not_know_each_other(module: str) -> None:
    names = imports_of(ROOT / "bot" / f"{module}.py")
    assert in_bot(names) <= CORE | {"errors"} | EDGES[module]


def test_store_knows_only_its_own_parts() -> None:
    names = imports_of(ROOT / "bot" / "store.py")
    assert in_bot(names) <= CORE | {"errors", "accounts", "tables", "token_rows"}


@pytest.mark.parametrize("package", ["simulator", "nlu"])
def test_simulator_and_nlu_stand_alone(package: str) -> None:
    files = files_of(package)
    assert files
    for path in files:
        assert not roots(imports_of(path)) & ({"bot", "webhook", "simulator", "nlu"} - {package})


def test_nothing_in_the_bot_imports_webhook_or_simulator() -> None:
    for path in files_of("bot"):
        assert not roots(imports_of(path)) & {"webhook", "simulator", "nlu"}, path
