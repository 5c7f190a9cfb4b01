"""Asks a trained system of `bench.nlu` the exam, and its server for the memory it needs.

Runs in the NLU environment. How the systems are trained is a matter of `nlu_systems`.
"""
# The type checker sits in the other environment, which has none of what is imported here.
# mypy: ignore-errors

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.nlu_table import Row, percent_right, percentile_ms

if not TYPE_CHECKING:
    from nlu.evaluate import KINDS, rank_by_server

WARM_UP_TEXTS = 200
SERVED_TEXTS = 300
SERVER_START_S = 180
CHOICES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What every system learns from and is asked."""

    texts: list[str]
    intents: list[str]
    """Of each text."""
    exam: list[tuple[str, tuple[str, ...]]]
    """Sentences and the intents that count as right."""

    def some_texts(self, number: int) -> list[str]:
        """Training texts from all over the intents; repeated if there are fewer."""
        step = max(1, len(self.texts) // number)
        return list(itertools.islice(itertools.cycle(self.texts[::step]), number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A system that is ready to be asked."""

    system: str
    note: str
    train_s: float
    rank: Callable[[str], Sequence[str]]
    """Intents of one text, best first."""
    model: Path | None = None
    """The file that Rasa's server loads."""


def measure(trained: Trained, lesson: Lesson, say: Callable[[str], None]) -> Row:
    """The system's row. `say` takes lines of progress. Raises RuntimeError if its server fails."""
    say(f"{trained.system}: trained in {trained.train_s:.1f} s; asking the exam")
    # Training texts, so that no sentence of the exam is in a memory before its time is taken.
    for text in lesson.some_texts(WARM_UP_TEXTS):
        trained.rank(text)
    answers = {kind: [] for kind in KINDS}
    seconds = []
    for kind, write in KINDS.items():
        for text in [write(sentence) for sentence, _ in lesson.exam]:
            begun = time.perf_counter()
            ranking = trained.rank(text)
            seconds.append(time.perf_counter() - begun)
            answers[kind].append(ranking)
    model_mb = rss_mb = peak_rss_mb = None
    if trained.model:
        model_mb = round(trained.model.stat().st_size / 1e6, 3)
        say(f"{trained.system}: starting its server")
        rss_mb, peak_rss_mb = measure_memory_mb(trained.model, lesson.some_texts(SERVED_TEXTS))
    right = [right for _, right in lesson.exam]
    say(f"{trained.system}: done")
    return Row(
        system=trained.system,
        note=trained.note,
        **{kind: percent_right(rankings, right, 1) for kind, rankings in answers.items()},
        among_three=percent_right(answers["as_is"], right, CHOICES),
        train_s=round(trained.train_s, 1),
        parses_per_s=round(len(seconds) / sum(seconds), 1),
        p50_ms=percentile_ms(seconds, 0.5),
        p99_ms=percentile_ms(seconds, 0.99),
        model_mb=model_mb,
        rss_mb=rss_mb,
        peak_rss_mb=peak_rss_mb,
    )


def measure_memory_mb(model: Path, texts: list[str]) -> tuple[float, float]:
    """Resident memory of nlu.serve with the model after the texts, and the most it ever had, MB."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with run_server(model, port) as pid:
        rank_by_server(f"http://127.0.0.1:{port}", texts)
        status = Path(f"/proc/{pid}/status").read_text()
    return memory_mb(status, "VmRSS"), memory_mb(status, "VmHWM")


def memory_mb(status: str, name: str) -> float:
    """The line of /proc/…/status with that name, which is in kB of 1024 bytes, in megabytes."""
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


@contextmanager
def run_server(model: Path, port: int) -> Iterator[int]:
    """The process id of a server that is ready. Raises RuntimeError if it does not come up."""
    command = [sys.executable, "-m", "nlu.serve", "--model", str(model), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(SERVER_START_S, process.kill)
    watchdog.start()
    try:
        if not any(line.strip() == "ready" for line in process.stdout):
            raise RuntimeError("the server did not start; its messages are above")
        watchdog.cancel()
        yield process.pid
    finally:
        watchdog.cancel()
        process.terminate()
        process.wait(30)
        process.stdout.close()
