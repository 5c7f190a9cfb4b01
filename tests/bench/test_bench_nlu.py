"""The benchmark of the systems that read citizens: its figures, its table, and a small run."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bench.nlu import Options, as_json
from bench.nlu_table import (
    Data,
    Row,
    as_table,
    in_order,
    percent_right,
    percentile_ms,
    points,
    ratios,
)

PROJECT = Path(__file__).resolve().parents[2]
PYTHON = PROJECT / ".venv-nlu" / "bin" / "python"
DATA = Data(intents=6, phrases=72, sentences=24)
OURS = Row(
    system="ours",
    note="invented",
    as_is=90.0,
    bare=89.5,
    noised=85.0,
    among_three=97.0,
    train_s=20.0,
    parses_per_s=300.0,
    p50_ms=3.0,
    p99_ms=6.0,
    model_mb=10.0,
    rss_mb=550.0,
    peak_rss_mb=600.0,
)
STOCK = replace(
    OURS, system="stock", as_is=70.0, bare=20.25, train_s=400.0, parses_per_s=120.0, model_mb=40.0
)
PEER = replace(
    OURS, system="peer", as_is=91.5, noised=80.0, model_mb=None, rss_mb=None, peak_rss_mb=None
)


def test_rows_stand_in_the_same_order_whatever_ran_first() -> None:
    nearest = replace(PEER, system="nearest")
    assert in_order([nearest, PEER, STOCK, OURS]) == [OURS, STOCK, PEER, nearest]


def test_ratios_are_ours_to_stock() -> None:
    found = ratios([OURS, STOCK, PEER])
    assert found["train_s"] == 0.05
    assert found["parses_per_s"] == 2.5
    assert found["model_mb"] == 0.25
    assert found["peak_rss_mb"] == 1.0


def test_what_was_not_measured_has_no_ratio() -> None:
    assert "model_mb" not in ratios([OURS, replace(STOCK, model_mb=None)])
    assert ratios([OURS, PEER]) == {}


def test_points_are_ours_minus_the_other_system() -> None:
    assert points([OURS, STOCK], "stock")["as_is"] == 20.0
    assert points([OURS, PEER], "peer") == {
        "as_is": -1.5,
        "bare": 0.0,
        "noised": 5.0,
        "among_three": 0.0,
    }
    assert points([OURS, PEER], "stock") == {}


def test_table_has_a_line_per_system_and_leaves_out_what_was_not_run() -> None:
    lines = as_table([PEER, OURS], DATA).splitlines()
    assert "6 intents, 72 phrases, 24 exam sentences" in lines[0]
    assert lines[2].startswith("ours, in Rasa ") and lines[3].startswith("plain peer")
    assert lines[2].split()[3:7] == ["90.0", "89.5", "85.0", "97.0"]
    assert lines[3].split()[-3:] == ["–", "–", "–"]
    assert len({len(line) for line in lines[1:4]}) == 1
    assert not [line for line in lines if "stock" in line]
    assert lines[-1].startswith("ours − peer = -1.5 / +0.0 / +5.0 / +0.0 points")


def test_table_compares_with_stock_when_it_was_run() -> None:
    lines = as_table([OURS, STOCK], DATA).splitlines()
    assert [line for line in lines if line.startswith("ours : stock = train s ×0.05")]
    assert lines[-1].startswith("ours − stock = +20.0 / +69.2 /")


def test_json_holds_rows_and_comparisons() -> None:
    result = json.loads(as_json(DATA, [OURS, STOCK]))
    assert [row["system"] for row in result["rows"]] == ["ours", "stock"]
    assert result["data"]["sentences"] == 24
    assert result["points_to_stock"]["as_is"] == 20.0
    assert result["points_to_peer"] == {}


def test_any_intent_that_counts_as_right_is_right_within_the_first_places() -> None:
    rankings = [["a", "b"], ["b", "a"], ["c", "d"], []]
    right = [("a",), ("x", "b"), ("d",), ("a",)]
    assert percent_right(rankings, right, 1) == 50.0
    assert percent_right(rankings, right, 2) == 75.0


def test_percentile_is_a_measured_time_in_milliseconds() -> None:
    seconds = [n / 1000 for n in range(100, 0, -1)]
    assert percentile_ms(seconds, 0.5) == 50.0
    assert percentile_ms(seconds, 0.99) == 99.0
    assert percentile_ms([0.002], 0.99) == 2.0


def test_slow_systems_run_only_when_asked_for() -> None:
    plain = Options(content=Path("content"), diet_epochs=0, candidates=False)
    assert plain.jobs() == ["ours", "peer"]
    everything = replace(plain, diet_epochs=100, candidates=True)
    assert everything.jobs() == ["ours", "stock", "peer", "candidates"]


@pytest.mark.nlu
@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not installed")
def test_small_content_is_measured_in_one_run(tmp_path: Path) -> None:
    content = PROJECT / "nlu" / "tests" / "data" / "content"
    done = subprocess.run(
        [str(PYTHON), "-m", "bench.nlu", "--json", "--without-diet", "--content", str(content)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["data"] == {"intents": 6, "phrases": 72, "sentences": 24}
    ours, peer = result["rows"]
    assert (ours["system"], peer["system"]) == ("ours", "peer")
    assert ours["as_is"] >= 85 and ours["bare"] >= 85 and peer["as_is"] >= 70
    assert all(row["among_three"] >= row["as_is"] for row in (ours, peer))
    assert 0 < ours["p50_ms"] <= ours["p99_ms"]
    assert ours["model_mb"] > 0 and peer["model_mb"] is None
    assert ours["peak_rss_mb"] >= ours["rss_mb"] > 100
    assert "ours: starting its server" in done.stderr


@pytest.mark.nlu
@pytest.mark.skipif(not PYTHON.exists(), reason="the NLU environment is not installed")
def test_broken_content_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(PYTHON), "-m", "bench.nlu", "--without-diet", "--content", str(tmp_path)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"error: {tmp_path / 'intents.yaml'}" in done.stderr
    assert "Traceback" not in done.stderr
