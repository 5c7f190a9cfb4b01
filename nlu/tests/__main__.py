"""Runs the named test modules (all without names); one JSON line per case on stdout."""

from __future__ import annotations

import contextlib
import json
import sys
import unittest
from pathlib import Path


class JsonLines(unittest.TestResult):
    """Writes id, outcome and traceback of every case as it ends."""

    def __init__(self, out) -> None:
        super().__init__()
        self._out = out

    def _write(self, test: unittest.TestCase, outcome: str, detail: str = "") -> None:
        row = {"id": test.id(), "outcome": outcome, "detail": detail}
        print(json.dumps(row, ensure_ascii=False), file=self._out, flush=True)

    def addSuccess(self, test) -> None:
        super().addSuccess(test)
        self._write(test, "passed")

    def addFailure(self, test, err) -> None:
        super().addFailure(test, err)
        self._write(test, "failed", self.failures[-1][1])

    def addError(self, test, err) -> None:
        super().addError(test, err)
        self._write(test, "failed", self.errors[-1][1])

    def addSubTest(self, test, subtest, err) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._write(test, "failed", f"{subtest}\n{err[1]!r}")


def main(names: list[str]) -> int:
    names = names or sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
    suite = unittest.defaultTestLoader.loadTestsFromNames([f"nlu.tests.{n}" for n in names])
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        result = suite.run(JsonLines(out))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
