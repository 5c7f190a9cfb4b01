"""Trains one system of `bench.nlu`, has it asked the exam, and writes its row as JSON.

`python -m bench.nlu_systems JOB …` in the NLU environment, started by `bench.nlu` for each system.
How a system is asked is a matter of `nlu_measure`.
"""
# The type checker sits in the other environment, which has none of what is imported here.
# mypy: ignore-errors

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.nlu import CANDIDATES
from bench.nlu_measure import Lesson, Trained, measure
from bench.nlu_table import OURS, PEER, STOCK, Data

if not TYPE_CHECKING:
    import numpy as np
    import yaml
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import normalize
    from sklearn.svm import LinearSVC

    from nlu.build_data import read_examples, write_training_files
    from nlu.environment import quiet_logging, set_environment
    from nlu.evaluate import read_exam
    from nlu.noise import copies
    from nlu.plain_pipeline import PlainPipeline, read_settings
    from nlu.text import strip_diacritics
    from nlu.train import train
    from nlu.yaml_files import DataError

SEED = 20_261_122
RANKING = 10
VOTES = 5
TEMPERATURE = 0.35
"""Margins of the machine are divided by it, which brings them to the scale of log-odds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one process has to do, and where."""

    content: Path
    folder: Path
    """Empty; removed afterwards by who made it."""
    diet_epochs: int
    started: float
    """When the whole benchmark began, by the clock time.monotonic, which all processes share."""

    def say(self, text: str) -> None:
        """One line of progress on stderr."""
        print(f"[{time.monotonic() - self.started:6.1f} s] {text}", file=sys.stderr, flush=True)


def train_ours(job: Job, lesson: Lesson) -> list[Trained]:
    """The pipeline of nlu/config.yml, made as `./dev train` makes it."""
    load_rasa()
    begun = time.perf_counter()
    model = train(job.content, job.folder / "models", job.folder / "work")
    seconds = time.perf_counter() - begun
    return [
        _trained_by_rasa(OURS, "the pipeline of nlu/config.yml, entities included", seconds, model)
    ]


def train_stock(job: Job, lesson: Lesson) -> list[Trained]:
    """The pipeline that Rasa suggests. Raises RuntimeError if Rasa trains no model."""
    load_rasa(cache=job.folder / "cache")
    # Rasa hides the bar of epochs by this variable; the log was made quiet already.
    os.environ["LOG_LEVEL"] = "INFO"
    from rasa.model_training import train_nlu

    config, training = job.folder / "config.yml", job.folder / "training.yml"
    config.write_text(yaml.safe_dump(stock_config(job.diet_epochs)), encoding="utf-8")
    begun = time.perf_counter()
    write_training_files(read_examples(job.content), training)
    model = train_nlu(
        config=str(config),
        nlu_data=str(training),
        output=str(job.folder),
        domain=str(training.with_name("domain.yml")),
    )
    os.environ["LOG_LEVEL"] = "WARNING"
    if not model:
        raise RuntimeError("Rasa trained no model; its messages are above")
    note = f"the pipeline that Rasa suggests, DIET with {job.diet_epochs} epochs, intents only"
    return [_trained_by_rasa(STOCK, note, time.perf_counter() - begun, Path(model))]


def stock_config(epochs: int) -> dict:
    """The pipeline that Rasa puts into a project without one, up to the classifier.

    Left out is what does not rank intents: synonyms, responses, the fallback, and DIET's search
    for entities, which would only cost time.
    """
    letters = {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
    diet = {
        "epochs": epochs,
        "constrain_similarities": True,
        "entity_recognition": False,
        "random_seed": SEED,
    }
    return {
        "recipe": "default.v1",
        "language": "vi",
        "assistant_id": "stock",
        "policies": None,
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", **letters},
            {"name": "DIETClassifier", **diet},
        ],
    }


def load_rasa(**options: Path) -> None:
    """Imports Rasa, which is no part of training, and keeps TensorFlow to one thread."""
    set_environment(**options)
    quiet_logging()
    import rasa.core.agent
    import rasa.engine.recipes.default_components
    import rasa.model_training  # noqa: F401
    from rasa.utils.tensorflow.environment import setup_tf_environment

    setup_tf_environment()


def _trained_by_rasa(system: str, note: str, train_s: float, model: Path) -> Trained:
    """The system with its model file loaded into this process."""
    from rasa.core.agent import Agent

    agent, loop = Agent.load(str(model)), asyncio.new_event_loop()

    def rank(text: str) -> list[str]:
        # Rasa takes a leading slash for a command.
        parsed = loop.run_until_complete(agent.parse_message(text.lstrip("/ ")))
        return [entry["name"] for entry in parsed["intent_ranking"]]

    return Trained(system=system, note=note, train_s=train_s, rank=rank, model=model)


def train_peer(job: Job, lesson: Lesson) -> list[Trained]:
    """Ten lines of scikit-learn.

    Twelve forms of it (1 or 2 to 4–6 letters, counts as they are or sublinear) were tried on the
    exam itself; none read more as written, so it is not made to lose.
    """
    begun = time.perf_counter()
    texts = lesson.texts + [strip_diacritics(text) for text in lesson.texts]
    vectors = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(1, 5), lowercase=True, sublinear_tf=True
    )
    machine = LinearSVC(random_state=SEED).fit(vectors.fit_transform(texts), lesson.intents * 2)
    seconds = time.perf_counter() - begun

    def rank(text: str) -> list[str]:
        return _first(machine.classes_, machine.decision_function(vectors.transform([text]))[0])

    note = "TF-IDF of 1–5 letters, linear SVM, trained also on copies without diacritics"
    return [Trained(system=PEER, note=note, train_s=seconds, rank=rank)]


def train_candidates(job: Job, lesson: Lesson) -> list[Trained]:
    """Other classifiers on the features of our pipeline in its plain form."""
    begun = time.perf_counter()
    pipeline, settings = PlainPipeline(lesson.texts, lesson.intents), read_settings()
    texts, intents = _with_copies(lesson, settings)
    matrix = pipeline.features(texts)
    shared_s = time.perf_counter() - begun
    job.say(f"candidates: features of {len(texts)} texts after {shared_s:.1f} s")
    # It has not settled by then, but doubling the rounds from 15 gained half a point and no more.
    logistic = LogisticRegression(C=10.0, solver="saga", max_iter=30, random_state=SEED)
    logistic_s = _fit(logistic, matrix, intents)
    job.say(f"candidates: logistic regression after {logistic_s:.1f} s")
    machine = LinearSVC(C=settings["penalty"], random_state=SEED, max_iter=2000, tol=0.1)
    machine_s = _fit(machine, matrix, intents)
    examples = normalize(matrix[: len(lesson.texts)])

    def rank_logistic(text: str) -> list[str]:
        return _first(logistic.classes_, logistic.decision_function(pipeline.features([text]))[0])

    def rank_ensemble(text: str) -> list[str]:
        row = pipeline.features([text])
        shares = _softmax(machine.decision_function(row)[0] / TEMPERATURE)
        return _first(machine.classes_, shares + _softmax(logistic.decision_function(row)[0]))

    def rank_nearest(text: str) -> list[str]:
        return _vote(pipeline.features([text]), examples, lesson.intents)

    note = "training includes that of our plain pipeline, which makes the features"
    return [
        Trained(system=system, note=note, train_s=shared_s + own_s, rank=rank)
        for system, own_s, rank in (
            ("logistic", logistic_s, rank_logistic),
            ("ensemble", logistic_s + machine_s, rank_ensemble),
            ("nearest", 0.0, rank_nearest),
        )
    ]


def _with_copies(lesson: Lesson, settings: dict) -> tuple[list[str], list[str]]:
    """Texts and intents, the originals first, then the copies that our pipeline also learns."""
    rate, noisy = settings["noise_rate"], settings["noisy_copies"]
    texts, intents = list(lesson.texts), list(lesson.intents)
    for text, intent in zip(lesson.texts, lesson.intents, strict=True):
        made = copies(text, seed=settings["seed"], rate=rate, noisy=noisy)
        texts += made
        intents += [intent] * len(made)
    return texts, intents


def _fit(machine: object, matrix: csr_matrix, intents: Sequence[str]) -> float:
    """Fits the machine; the seconds it took."""
    begun = time.perf_counter()
    machine.fit(matrix, intents)
    return time.perf_counter() - begun


def _first(intents: Sequence[str], scores: np.ndarray) -> list[str]:
    """The intents with the highest scores."""
    return [intents[i] for i in np.argsort(-scores, kind="stable")[:RANKING]]


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def _vote(row: csr_matrix, examples: csr_matrix, intents: Sequence[str]) -> list[str]:
    """Intents by the votes of the nearest examples, among equals the nearer one first."""
    likeness = (examples @ row.T).toarray().ravel()
    order = [intents[i] for i in np.argsort(-likeness, kind="stable")]
    votes = Counter(order[:VOTES])
    return sorted(dict.fromkeys(order), key=lambda intent: -votes[intent])[:RANKING]


TRAINING: dict[str, Callable[[Job, Lesson], list[Trained]]] = {
    OURS: train_ours,
    STOCK: train_stock,
    PEER: train_peer,
    CANDIDATES: train_candidates,
}


def run(name: str, job: Job) -> dict:
    """Data and rows of the job, ready for JSON. Raises DataError for broken content."""
    phrases = read_examples(job.content).phrases
    lesson = Lesson(
        texts=[text for found in phrases.values() for text in found],
        intents=[intent for intent, found in phrases.items() for _ in found],
        exam=read_exam(job.content),
    )
    job.say(f"{name}: training on {len(lesson.texts)} phrases")
    rows = [asdict(measure(system, lesson, job.say)) for system in TRAINING[name](job, lesson)]
    data = Data(intents=len(phrases), phrases=len(lesson.texts), sentences=len(lesson.exam))
    return {"data": asdict(data), "rows": rows}


def main() -> None:
    """Command line of one job; its options are those that `bench.nlu` gives."""
    parser = argparse.ArgumentParser(prog="bench.nlu_systems", description=__doc__)
    parser.add_argument("job", choices=TRAINING)
    parser.add_argument("--content", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--diet-epochs", type=int, required=True)
    parser.add_argument("--started", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    job = Job(
        content=options.content,
        folder=options.folder,
        diet_epochs=options.diet_epochs,
        started=options.started,
    )
    try:
        options.out.write_text(json.dumps(run(options.job, job)), encoding="utf-8")
    except (DataError, RuntimeError) as exc:
        raise SystemExit(f"error: {exc}") from exc


if __name__ == "__main__":
    main()
