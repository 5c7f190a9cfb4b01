"""Fits what `calibration` turns signals into, and writes it down with the figures.

`python -m nlu.calibrate` trains on part of the phrases and looks at the others, as written, without
diacritics and with slips; some minutes on two cores. The model has to be trained anew afterwards.
The thresholds that use the confidence are chosen by `./dev calibrate`, on the exam.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np
import yaml

from nlu.calibration import CALIBRATION_FILE, Calibration, fit_calibration
from nlu.evaluate import KINDS, trained_without
from nlu.yaml_files import DataError

_HEADING = """\
# Written by `python -m nlu.calibrate`: how the signals of the classifier become a probability.
# reliability: of the unseen phrases with a confidence in this tenth, the share read rightly.
"""


def gather(content: Path, *, folds: int) -> tuple[np.ndarray, np.ndarray]:
    """Signals (n, candidates, 3) of unseen phrases, and which candidate is right.

    The latter is boolean (n, candidates). Raises DataError on broken content.
    """
    signals, right = [], []
    for pipeline, left in trained_without(content, folds=folds):
        intents = np.array([pipeline.ranker.intents.index(intent) for _, intent in left])
        for write in KINDS.values():
            best, found = pipeline.signals([write(text) for text, _ in left])
            signals.append(found)
            right.append(best == intents[:, None])
    return np.concatenate(signals), np.concatenate(right)


def reliability(
    calibration: Calibration, signals: np.ndarray, right: np.ndarray
) -> list[dict[str, float]]:
    """By tenth of the best confidence: how many texts, and the share read rightly."""
    confidence = calibration.probability(signals)
    first = confidence.argmax(axis=1)
    rows = np.arange(len(first))
    best, is_right = confidence[rows, first], right[rows, first]
    table = []
    for tenth in range(10):
        here = (best >= tenth / 10) & (best < (tenth + 1) / 10 + (tenth == 9))
        if here.any():
            share = round(float(is_right[here].mean()), 3)
            table.append({"from": tenth / 10, "texts": int(here.sum()), "right": share})
    return table


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 1 with one line on stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--content", type=Path, default=Path("content"))
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--out", type=Path, default=CALIBRATION_FILE)
    args = parser.parse_args(argv)
    try:
        signals, right = gather(args.content, folds=args.folds)
    except DataError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    calibration = fit_calibration(signals.reshape(-1, signals.shape[-1]), right.ravel())
    body = {
        "fitted_on": date.today().isoformat(),
        "texts": len(signals),
        "weights": calibration.as_mapping(),
        "reliability": reliability(calibration, signals, right),
    }
    text = yaml.safe_dump(body, sort_keys=False, default_flow_style=None)
    args.out.write_text(_HEADING + text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
