"""How long it takes to read the whole content folder for many communes, next to plain YAML.

`python -m bench.content`. The folder is the shipped one with copies of the example office, in a
temporary place. Baseline: the same files through PyYAML's C loader, nothing checked, nothing kept.
Every round has a process of its own, because a second reading finds everything remembered.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

import yaml

from bot.content import Content, Files, load_content

CONTENT = Path(__file__).parents[1] / "content"
T = TypeVar("T")
TODAY = date(2026, 11, 23)
FIRST_AIM_S = 2.0
AGAIN_AIM_S = 0.2
CHANGES = {
    "guide": ("guides/vneid_cai_dat/guide.md", "\ntitle: ", "\ntitle: Nay "),
    "phrases": ("guides/vneid_cai_dat/phrases.yaml", "phrases:\n", "phrases:\n  - câu mới hẳn\n"),
    "fact": ("facts/vneid.yaml", "0 đồng", "0 đồng cả"),
    "office": ("offices/example.yaml", "Phục vụ hành chính", "Phục vụ hành chính và đời sống"),
}
"""What is changed before a reading → its file, what stands there, what will.

The last one is the worst: it makes a value the longest of all, which nearly every guide says.
"""


def make_folder(root: Path, offices: int) -> None:
    """The shipped content with the example office copied until there are `offices` of them."""
    shutil.copytree(CONTENT, root)
    example = (root / "offices" / "example.yaml").read_text(encoding="utf-8")
    for number in range(1, offices):
        text = example.replace("slug: example", f"slug: xa_{number}")
        text = text.replace('oa_id: "3880000000000000022"', f'oa_id: "{number:019}"')
        (root / "offices" / f"xa_{number}.yaml").write_text(text, encoding="utf-8")


def parse_plainly(root: Path) -> int:
    """The baseline: every YAML there is, front matter of guides included; how many files."""
    texts = list(_yaml_texts(root))
    for text in texts:
        yaml.load(text, Loader=yaml.CBaseLoader)
    return len(texts)


def _yaml_texts(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.suffix == ".yaml":
            yield path.read_text(encoding="utf-8")
        elif path.name == "guide.md":
            yield path.read_text(encoding="utf-8").split("\n---\n", 1)[0].removeprefix("---\n")


def run_round(root: Path) -> dict[str, float]:
    """Seconds of each reading in this process, in the order in which they happen."""
    result: dict[str, float] = {}
    files = Files()

    def load() -> Content:
        return load_content(root, TODAY, files)

    result["yaml_s"], _ = _timed(lambda: parse_plainly(root))
    result["first_s"], content = _timed(load)
    result["problems"] = len(content.problems)
    result["offices"] = len(content.offices)
    result["guides"] = len(content.guides.guides)
    result["unchanged_s"], _ = _timed(load)
    for name, (file, old, new) in CHANGES.items():
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r} any more"
        path.write_text(text.replace(old, new), encoding="utf-8")
        result[f"{name}_s"], _ = _timed(load)
    return result


def _timed(do: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    value = do()
    return time.perf_counter() - began, value


def run(offices: int, rounds: int) -> dict[str, float]:
    """Medians over rounds, each in a fresh process and a fresh folder."""
    each: list[dict[str, float]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="bench-content-") as name:
            root = Path(name) / "content"
            make_folder(root, offices)
            command = [sys.executable, "-m", "bench.content", "--round", str(root)]
            each.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    return {key: round(statistics.median(r[key] for r in each), 4) for key in each[0]}


def print_table(result: dict[str, float]) -> None:
    """The result for people."""
    print(
        f"{result['guides']:.0f} guides, {result['offices']:.0f} offices, "
        f"{result['problems']:.0f} problems"
    )
    print(f"{'':30}{'ms':>8}{'× plain YAML':>14}")
    for label, key in (
        ("plain YAML, nothing checked", "yaml_s"),
        ("first reading, all checks", "first_s"),
        ("nothing changed", "unchanged_s"),
        *((f"{name} changed", f"{name}_s") for name in CHANGES),
    ):
        print(f"{label:30}{result[key] * 1000:>8.0f}{result[key] / result['yaml_s']:>14.2f}")
    worst = max(result[f"{name}_s"] for name in CHANGES)
    for label, value, aim in (
        ("first reading", result["first_s"], FIRST_AIM_S),
        ("reading after a change", worst, AGAIN_AIM_S),
    ):
        verdict = "reached" if value < aim else "missed"
        print(f"{label}: {value * 1000:.0f} ms (aim under {aim * 1000:.0f} ms: {verdict})")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench.content", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--offices", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--round", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.round is not None:
        print(json.dumps(run_round(arguments.round)))
        return
    result = run(arguments.offices, arguments.rounds)
    if arguments.json:
        print(json.dumps(result))
    else:
        print_table(result)


if __name__ == "__main__":
    main()
