"""The files that people start from match the code: settings, container files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from bot.content import load_content
from bot.guides import fold
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


def test_example_environment_names_every_setting_and_no_other() -> None:
    named = re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.M)
    assert dict(named) == {f.metadata["variable"]: f.metadata["default"] for f in fields(Settings)}


def test_every_setting_has_a_help_text() -> None:
    assert all(len(f.metadata["help"]) > 10 for f in fields(Settings))


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    values = {f.name: "confidential" if f.metadata["is_secret"] else "" for f in fields(Settings)}
    assert "confidential" not in repr(Settings(**values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "command",
    [
        ["hadolint", "Dockerfile"],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
    ],
    ids=["dockerfile", "compose"],
)
def test_container_files_pass_their_linter(command: list[str]) -> None:
    tool = Path(sys.executable).with_name(command[0])
    result = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_files_name_no_package_registry() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|index-url", path.read_text("utf-8")), path


def test_no_question_that_judges_the_model_was_used_to_train_it() -> None:
    phrases = load_content(ROOT / "content", date(2026, 11, 22)).guides.phrases.values()
    known = {fold(phrase) for sentences in phrases for phrase in sentences}
    lines = (ROOT / "tests" / "data" / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["text"] for line in lines]
    assert len(questions) > 500
    assert [q for q in questions if fold(q) in known] == []
