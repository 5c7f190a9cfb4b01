"""The trained model against the exam: what it misreads is known, and may only become less."""

import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PYTHON = PROJECT / ".venv-nlu" / "bin" / "python"


@pytest.mark.nlu
@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not installed")
def test_model_misreads_exactly_the_known_misses() -> None:
    done = subprocess.run(
        [str(PYTHON), "-m", "nlu.evaluate", "misses"],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
