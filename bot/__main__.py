"""Commands: run · worker · admin · ask · eval · thresholds · check · doctor · pages · gallery.

`./dev` sets up and calls these.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

import structlog

from bot.errors import BotError
from bot.settings import Settings, read_settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything on this machine")
    commands.add_parser("worker", help="worker and sender")
    commands.add_parser("admin", help="officers' pages")
    ask = commands.add_parser("ask", help="what a citizen would be answered")
    ask.add_argument("text", nargs="?", help="the question")
    ask.add_argument("--file", type=Path, help='lines {"text": …}; writes one JSON line each')
    ask.add_argument("--json", action="store_true", help="the answer as one JSON object")
    ask.add_argument("--office", default="", help="slug of the commune that answers")
    evaluate = commands.add_parser("eval", help="judge the answers to questions with known intent")
    evaluate.add_argument("file", type=Path, nargs="?", help='lines {"text": …, "intent": …}')
    evaluate.add_argument(
        "--fraud",
        action="store_true",
        help='the rules against fraud; lines {"text": …, "fraud": …}',
    )
    evaluate.add_argument("--json", action="store_true")
    evaluate.add_argument("--office", default="")
    thresholds = commands.add_parser("thresholds", help="choose the thresholds on the exam")
    thresholds.add_argument("file", type=Path, help="from nlu.evaluate exam --answers")
    check = commands.add_parser("check", help="report every problem of the content folder")
    check.add_argument("--guides", action="store_true", help="how heavy each guide is to read")
    commands.add_parser("doctor", help="report what is missing before going live")
    pages = commands.add_parser("pages", help="write the public pages of every office")
    pages.add_argument("--out", type=Path, help="folder to write to; default VAR_DIR/pages")
    gallery = commands.add_parser("gallery", help="write one page with every guide as in Zalo")
    gallery.add_argument("--out", type=Path, help="file to write; default VAR_DIR/gallery.html")
    gallery.add_argument("--office", default="", help="slug; default the example office")
    return parser


def _log_as_json(level: int = logging.INFO) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 done, 1 problems found, 2 cannot run (one sentence on stderr), 130 Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options, read_settings(os.environ))
    except BotError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace, settings: Settings) -> int:
    # Imported only when needed: `check` must not wait for the web framework.
    match options.command:
        case "run":
            from bot.supervisor import run

            run(settings)
        case "worker":
            from bot.processes import run_worker

            _log_as_json()
            asyncio.run(run_worker(settings))
        case "admin":
            from bot.processes import run_admin

            _log_as_json()
            run_admin(settings)
        case "ask":
            from bot.ask import ask_file, ask_one

            _log_as_json(logging.CRITICAL)
            if options.file is not None:
                return ask_file(settings, options.file, options.office)
            if not options.text:
                print("error: give a question, or --file", file=sys.stderr)
                return 2
            return ask_one(settings, options.text, options.office, as_json=options.json)
        case "eval":
            from bot.evaluate import evaluate_file
            from bot.fraud_eval import DEFAULT_FILE, evaluate_fraud

            _log_as_json(logging.CRITICAL)
            if options.fraud:
                path = options.file or DEFAULT_FILE
                return evaluate_fraud(settings, path, options.office, as_json=options.json)
            if options.file is None:
                print("error: give a file of questions, or --fraud", file=sys.stderr)
                return 2
            return evaluate_file(settings, options.file, options.office, as_json=options.json)
        case "thresholds":
            from bot.calibrate import write_thresholds

            return write_thresholds(settings, options.file)
        case "check":
            from bot.doctor import check

            return check(settings, all_guides=options.guides)
        case "doctor":
            from bot.doctor import doctor

            return doctor(settings)
        case "pages":
            from bot.processes import open_content, today
            from bot.publish import write_pages

            return write_pages(open_content(settings).current(), settings, today(), options.out)
        case "gallery":
            from bot.processes import open_content, today
            from bot.publish import write_gallery

            content = open_content(settings).current()
            return write_gallery(content, settings, today(), options.out, options.office)
    return 0


if __name__ == "__main__":
    sys.exit(main())
