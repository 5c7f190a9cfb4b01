"""Runs the tests of the NLU environment, which has no pytest, and reports every case of them.

One process per module of nlu/tests; the cases are found by reading the files, not by import.
"""

import ast
import json
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PYTHON = PROJECT / ".venv-nlu" / "bin" / "python"
NEEDS_RASA = {"test_rasa_model"}


def find_cases() -> list[str]:
    """module.Class.test of every case, in the order of the files."""
    found = []
    for path in sorted((PROJECT / "nlu" / "tests").glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found += [
                    f"{path.stem}.{node.name}.{item.name}"
                    for item in node.body
                    if isinstance(item, ast.FunctionDef) and item.name.startswith("test_")
                ]
    return found


@cache
def run_module(module: str) -> tuple[dict[str, tuple[str, str]], str]:
    """Outcome and traceback of each case of the module, and what it wrote on stderr."""
    done = subprocess.run(
        [str(PYTHON), "-m", "nlu.tests", module],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    outcomes: dict[str, tuple[str, str]] = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        name = row["id"].removeprefix("nlu.tests.")
        if outcomes.get(name, ("passed", ""))[0] == "passed":
            outcomes[name] = (row["outcome"], row["detail"])
    return outcomes, done.stderr


def case(name: str):
    heavy = name.split(".")[0] in NEEDS_RASA
    return pytest.param(name, marks=[pytest.mark.nlu] if heavy else [])


@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not installed")
@pytest.mark.parametrize("name", [case(name) for name in find_cases()])
def test_case_of_the_nlu_environment_passes(name: str) -> None:
    outcomes, stderr = run_module(name.split(".")[0])
    outcome, detail = outcomes.get(name, ("did not run", stderr[-3000:]))
    assert outcome == "passed", detail
