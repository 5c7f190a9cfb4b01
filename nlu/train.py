"""Trains the model if phrases, intents, code or Rasa changed since the newest one.

`python -m nlu.train --content content --out var/models` writes `<checksum>.tar.gz` and puts its
name into `current`. Rasa is imported only when there is something to train: its own cache knows the
component classes but not the modules behind them, so every training here starts without a cache.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from nlu.build_data import Examples, read_examples, training_yaml, write_training_files
from nlu.environment import quiet_logging, set_environment
from nlu.yaml_files import DataError

NLU_FOLDER = Path(__file__).parent
_NO_PART_OF_THE_MODEL = {
    "evaluate.py",
    "scores.py",
    "serve.py",
    "plain_pipeline.py",
    "calibrate.py",
    "misses.py",
    "phrases.py",
}


def _code_files() -> list[tuple[str, Path]]:
    """Name and path of every file of ours that the model depends on, in a fixed order."""
    files = []
    for path in sorted(NLU_FOLDER.rglob("*")):
        name = path.relative_to(NLU_FOLDER)
        hidden = any(p.startswith((".", "__pycache__")) for p in name.parts)
        if hidden or name.parts[0] in ("tests", "models", "results"):
            continue
        if path.suffix in (".py", ".yml", ".yaml") and name.name not in _NO_PART_OF_THE_MODEL:
            files.append((f"nlu/{name.as_posix()}", path))
    return files


def checksum(examples: Examples) -> str:
    """Twelve hex digits over what is trained on, the pipeline and Rasa's version."""
    digest = hashlib.sha256(f"rasa {version('rasa')}\n{training_yaml(examples)}".encode())
    for name, path in _code_files():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _write_current(out: Path, name: str) -> None:
    """Puts the file name into `current` in one step."""
    temporary = out / f".current-{os.getpid()}"
    temporary.write_text(name + "\n", encoding="utf-8")
    temporary.replace(out / "current")


def _say(started: float, text: str) -> None:
    print(f"[{time.monotonic() - started:5.1f} s] {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _heartbeat(started: float) -> Iterator[None]:
    """Shows every ten seconds that the training still goes on; Rasa itself is silent."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(10):
            _say(started, "still training …")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _fit(training: Path, folder: Path, name: str) -> Path:
    """The model file that Rasa wrote into `folder`. Raises RuntimeError if there is none."""
    set_environment(cache=folder / "cache")
    quiet_logging()
    from rasa.engine.training.hooks import TrainingHook
    from rasa.model_training import train_nlu

    # Nothing is kept for the next training, so fingerprints of every message and its features
    # would be taken and compressed for nothing: they cost half of the time.
    TrainingHook.on_before_node = lambda *args, **kwargs: {}
    TrainingHook.on_after_node = lambda *args, **kwargs: None
    with contextlib.redirect_stdout(sys.stderr):
        written = train_nlu(
            config=str(NLU_FOLDER / "config.yml"),
            nlu_data=str(training),
            output=str(folder),
            fixed_model_name=name,
            domain=str(training.with_name("domain.yml")),
        )
    if not written:
        raise RuntimeError("Rasa trained no model; its messages are above")
    return Path(written)


def train(content: Path, out: Path, work: Path) -> Path:
    """Path of the model that fits the content; trained now unless it is there already.

    Raises DataError for broken content, RuntimeError if Rasa fails.
    """
    started = time.monotonic()
    examples = read_examples(content)
    name = f"{checksum(examples)}.tar.gz"
    model = out / name
    out.mkdir(parents=True, exist_ok=True)
    if model.is_file():
        _write_current(out, name)
        print(f"model is up to date: {model}")
        return model
    total = sum(map(len, examples.phrases.values()))
    _say(started, f"{len(examples.phrases)} intents, {total} phrases")
    training = work / "training.yml"
    write_training_files(examples, training)
    _say(started, "loading Rasa and training; this takes some minutes")
    with tempfile.TemporaryDirectory(dir=out, prefix=".training-") as folder:
        with _heartbeat(started):
            written = _fit(training, Path(folder), name)
        written.replace(model)
    _write_current(out, name)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _say(started, f"trained {model} ({model.stat().st_size / 1e6:.1f} MB), peak {peak_mb} MB")
    print(model)
    return model


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 1 with one line on stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--content", type=Path, default=Path("content"))
    parser.add_argument("--out", type=Path, default=Path("var/models"))
    parser.add_argument("--work", type=Path, default=Path("var/nlu"), help="for training files")
    args = parser.parse_args(argv)
    try:
        train(args.content, args.out, args.work)
    except (DataError, RuntimeError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
