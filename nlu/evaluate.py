"""How well the model reads citizens' questions.

`python -m nlu.evaluate exam [--model FILE | --url URL]`: the sentences of
content/guides/*/expect.yaml, which training never sees. `… cross`: cross-validation on the phrases.
Each text is read as written, without diacritics, and with slips. `… misses`: the exam as written
against content/known_misses.yaml, which may only shrink.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import unicodedata
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu import misses
from nlu.build_data import read_examples, read_intents
from nlu.environment import quiet_logging, set_environment
from nlu.noise import noised
from nlu.plain_pipeline import PlainPipeline
from nlu.scores import Answer, as_text, report
from nlu.serve import current_model
from nlu.text import strip_diacritics
from nlu.yaml_files import DataError, read_yaml

KINDS: dict[str, Callable[[str], str]] = {
    "as_is": lambda text: text,
    "bare": strip_diacritics,
    "noised": lambda text: noised(text, seed=999, rate=0.1),
}
Sentence = tuple[str, tuple[str, ...]]
"""Text and the intents that count as right."""
Ranking = list[tuple[str, float]]


def read_exam(content: Path) -> list[Sentence]:
    """Sentences of all expect.yaml; a sentence may name further right intents under `also`.

    Raises DataError with the path of a broken file.
    """
    intents = read_intents(content)
    sentences = []
    for path in sorted((content / "guides").glob("*/expect.yaml")):
        intent = path.parent.name
        raw = read_yaml(path)
        entries = raw.get("sentences") if isinstance(raw, dict) else None
        if intent not in intents or not isinstance(entries, list):
            raise DataError(f"{path}: a known intent and a list under 'sentences' are expected")
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
                raise DataError(f"{path}: sentence {number} has no text")
            also = entry.get("also") or []
            also = [also] if isinstance(also, str) else also
            sentences.append((unicodedata.normalize("NFC", entry["text"]), (intent, *also)))
    return sentences


def _answers(
    sentences: Sequence[Sentence], rank: Callable[[list[str]], list[Ranking]]
) -> list[Answer]:
    """Answers to every sentence in every kind of writing."""
    out = []
    for kind, write in KINDS.items():
        texts = [write(text) for text, _ in sentences]
        for text, (_, right), ranking in zip(texts, sentences, rank(texts), strict=True):
            out.append(Answer(text, right, kind, tuple(ranking)))
    return out


def _ranking(parsed: dict[str, Any]) -> Ranking:
    return [(entry["name"], entry["confidence"]) for entry in parsed["intent_ranking"]]


def rank_by_server(url: str, texts: list[str]) -> list[Ranking]:
    """Rankings from a running server. Raises OSError if it does not answer."""
    out = []
    for text in texts:
        body = json.dumps({"text": text}).encode()
        request = urllib.request.Request(f"{url.rstrip('/')}/model/parse", data=body)
        with urllib.request.urlopen(request, timeout=30) as response:
            out.append(_ranking(json.load(response)))
    return out


def model_ranker(model: Path) -> Callable[[list[str]], list[Ranking]]:
    """A function that ranks with the model file, loaded into this process."""
    set_environment()
    quiet_logging()
    from rasa.core.agent import Agent

    agent = Agent.load(str(model))

    async def parse_all(texts: list[str]) -> list[Ranking]:
        return [_ranking(await agent.parse_message(text.lstrip("/ "))) for text in texts]

    return lambda texts: asyncio.run(parse_all(texts))


def trained_without(
    content: Path, *, folds: int = 5, settings: dict[str, Any] | None = None
) -> Iterator[tuple[PlainPipeline, list[tuple[str, str]]]]:
    """For each fold a pipeline and the (phrase, intent) pairs it has not seen; fixed shuffle."""
    examples = read_examples(content)
    rows = [(text, intent) for intent, texts in examples.phrases.items() for text in texts]
    random.Random(1).shuffle(rows)
    for fold in range(folds):
        kept = [row for i, row in enumerate(rows) if i % folds != fold]
        left = [row for i, row in enumerate(rows) if i % folds == fold]
        yield PlainPipeline([t for t, _ in kept], [i for _, i in kept], settings), left
        print(f"fold {fold + 1} of {folds}", file=sys.stderr, flush=True)


def cross_validate(
    content: Path, *, folds: int = 5, settings: dict[str, Any] | None = None
) -> list[Answer]:
    """Answers to every phrase by a pipeline that was trained without it."""
    answers: list[Answer] = []
    for pipeline, left in trained_without(content, folds=folds, settings=settings):
        answers += _answers([(t, (i,)) for t, i in left], pipeline.rank)
    return answers


def write_answers(answers: Sequence[Answer], path: Path) -> None:
    """One JSON line for each answer: text, kind, right intents, ranking."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(answer), ensure_ascii=False) for answer in answers]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _misses(args: argparse.Namespace) -> int:
    """Compares the exam with the list; exit code 1 if they differ. `--write` renews the list."""
    path = args.content / "known_misses.yaml"
    sentences = read_exam(args.content)
    rankings = model_ranker(args.model or current_model(args.models))([t for t, _ in sentences])
    answers = [
        Answer(text, right, "as_is", tuple(ranking))
        for (text, right), ranking in zip(sentences, rankings, strict=True)
    ]
    if args.write:
        misses.write(path, answers)
    difference = misses.compare(misses.read(path), answers)
    print(misses.as_text(difference))
    return 1 if difference.mended or difference.fresh else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    exam = commands.add_parser("exam", help="expect.yaml against a model or a server")
    exam.add_argument("--model", type=Path, help="default: the one that var/models/current names")
    exam.add_argument("--models", type=Path, default=Path("var/models"))
    exam.add_argument("--url", help="ask this running server instead")
    exam.add_argument("--answers", type=Path, help="write each answer to this JSON-lines file")
    known = commands.add_parser("misses", help="the exam against content/known_misses.yaml")
    known.add_argument("--model", type=Path)
    known.add_argument("--models", type=Path, default=Path("var/models"))
    known.add_argument("--content", type=Path, default=Path("content"))
    known.add_argument("--write", action="store_true", help="write the list anew")
    cross = commands.add_parser("cross", help="cross-validation on the training phrases")
    cross.add_argument("--folds", type=int, default=5)
    for command in (exam, cross):
        command.add_argument("--content", type=Path, default=Path("content"))
        command.add_argument("--json", type=Path, help="write all figures to this file")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Exit code 0, or 1 with one line on stderr; the report goes to stdout."""
    args = _parser().parse_args(argv)
    try:
        if args.command == "misses":
            return _misses(args)
        if args.command == "cross":
            answers = cross_validate(args.content, folds=args.folds)
        else:
            sentences = read_exam(args.content)
            if args.url:
                answers = _answers(sentences, lambda texts: rank_by_server(args.url, texts))
            else:
                model = args.model or current_model(args.models)
                answers = _answers(sentences, model_ranker(model))
    except (DataError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    if args.command == "exam" and args.answers:
        write_answers(answers, args.answers)
    figures = report(answers)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    print(as_text(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
