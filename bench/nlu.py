"""How well and how fast Rasa with our pipeline reads citizens, next to Rasa as it comes and others.

`python -m bench.nlu` in the NLU environment. All learn from the same phrases and are asked the
same exam. Each runs in a process of its own, one after the other, on one thread;
`nlu_systems` trains and asks them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.nlu_table import OURS, PEER, STOCK, Data, Row, as_table, in_order, points, ratios

CANDIDATES = "candidates"
# The same hashes in every run, and no second thread in numpy; Rasa's own come from nlu.environment.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    content: Path
    diet_epochs: int
    """0: the stock pipeline is not run."""
    candidates: bool

    def jobs(self) -> list[str]:
        """The processes to run: a system each, but the candidates share their features in one."""
        stock = [STOCK] if self.diet_epochs else []
        return [OURS, *stock, PEER, *([CANDIDATES] if self.candidates else [])]


def run(options: Options) -> tuple[Data, list[Row]]:
    """Every system's row, in the order of the table. Exits with 1 if one of them fails."""
    started = time.monotonic()
    data, rows = None, []
    for job in options.jobs():
        with tempfile.TemporaryDirectory(prefix="bench-nlu-") as folder:
            out = Path(folder) / "result.json"
            arguments = {
                "--content": options.content,
                "--folder": folder,
                "--diet-epochs": options.diet_epochs,
                "--started": started,
                "--out": out,
            }
            command = [sys.executable, "-m", "bench.nlu_systems", job]
            command += [str(part) for pair in arguments.items() for part in pair]
            # Rasa prints where it likes; standard output is kept for the result.
            done = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, stdout=sys.stderr)
            if done.returncode != 0:
                raise SystemExit(f"error: {job} failed: see the lines above")
            result = json.loads(out.read_text(encoding="utf-8"))
        data = Data(**result["data"])
        rows += [Row(**row) for row in result["rows"]]
    assert data is not None
    return data, in_order(rows)


def as_json(data: Data, rows: Sequence[Row]) -> str:
    """Everything measured, for programs."""
    return json.dumps(
        {
            "data": asdict(data),
            "rows": [asdict(row) for row in rows],
            "ratios_to_stock": ratios(rows),
            "points_to_stock": points(rows, STOCK),
            "points_to_peer": points(rows, PEER),
        }
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench.nlu", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--content", type=Path, default=Path("content"))
    parser.add_argument(
        "--diet-epochs", type=int, default=100, help="as in the configuration that Rasa suggests"
    )
    parser.add_argument("--without-diet", action="store_true", help="leave the stock pipeline out")
    parser.add_argument(
        "--candidates",
        action="store_true",
        help="also logistic regression, its ensemble with our machine, and nearest neighbours",
    )
    arguments = parser.parse_args(argv)
    if arguments.diet_epochs < 1:
        parser.error("--diet-epochs: at least 1; --without-diet leaves the system out")
    options = Options(
        content=arguments.content,
        diet_epochs=0 if arguments.without_diet else arguments.diet_epochs,
        candidates=arguments.candidates,
    )
    data, rows = run(options)
    print(as_json(data, rows) if arguments.json else as_table(rows, data))


if __name__ == "__main__":
    main()
