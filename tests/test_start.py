"""What a person reads when something is missing at the start: one sentence with the mend."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _run(command: list[str], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


def _bot(command: str, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    settings = {"VAR_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), **variables}
    return _run([sys.executable, "-m", "bot", command], ROOT, **settings)


def test_missing_python_310_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "dev", tmp_path / "dev")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to(sys.executable)
    result = _run([sys.executable, "dev", "train"], tmp_path, PATH=str(tools), HOME=str(tmp_path))
    assert result.returncode == 1
    assert result.stderr.strip() == (
        "error: Python 3.10 is missing: install it, for example by pyenv"
    )


@pytest.mark.parametrize("variable", ["WEBHOOK_PORT", "ADMIN_PORT", "SIMULATOR_PORT"])
def test_taken_port_is_named_with_its_setting(tmp_path: Path, variable: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        ports = {"WEBHOOK_PORT": "0", "ADMIN_PORT": "0", "SIMULATOR_PORT": "0", variable: port}
        result = _bot("run", tmp_path, SIMULATE="yes", NLU_URL="http://127.0.0.1:1", **ports)
    assert result.returncode == 2
    assert result.stderr.strip() == (
        f"error: Port {port} is taken by another program; stop it, or set {variable}"
    )


def test_unreadable_setting_is_named(tmp_path: Path) -> None:
    result = _bot("check", tmp_path, WEBHOOK_PORT="many")
    assert result.returncode == 2
    assert result.stderr.strip() == (
        "error: WEBHOOK_PORT='many' cannot be read as int; correct it or unset it"
    )


def test_missing_content_folder_is_named(tmp_path: Path) -> None:
    result = _bot("check", tmp_path, CONTENT_DIR=str(tmp_path / "nowhere"))
    assert result.returncode == 2
    assert "nowhere does not exist; set CONTENT_DIR" in result.stderr


def test_doctor_refuses_to_go_live_with_the_example_commune(tmp_path: Path) -> None:
    result = _bot("doctor", tmp_path)
    assert result.returncode == 1
    assert "xã ví dụ" in result.stdout


def test_file_of_questions_with_a_broken_line_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"text": "xin chào"}\n{"text": 5}\n', encoding="utf-8")
    settings = {"VAR_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "ask", "--file", str(path)]
    result = _run(command, ROOT, **settings)
    assert result.returncode == 2
    assert result.stdout == ""
    assert 'line 2 lacks "text"' in result.stderr
