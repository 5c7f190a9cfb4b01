"""Rasa's HTTP server for one model, quiet and warmed up.

`python -m nlu.serve --model var/models/<file> --port 5005`; without `--model` the one that
`var/models/current` names. `POST /model/parse {"text": …}` answers intent, intent_ranking and text.
Never logs what citizens wrote.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from nlu.environment import quiet_logging, set_environment

WARM_UP_TEXTS = ("xin chào", "cháu ơi bác quên mật khẩu vneid", "toi muon hoi luong huu")


def current_model(models: Path) -> Path:
    """The model that the file `current` of the folder names.

    Raises FileNotFoundError if nothing was trained yet.
    """
    model = models / (models / "current").read_text(encoding="utf-8").strip()
    if not model.is_file():
        raise FileNotFoundError(f"{model} does not exist: run python -m nlu.train")
    return model


def _read_slash_as_text(agent: Any) -> None:
    """Makes the agent read "/lua_dao" as words.

    Rasa takes a leading slash for a test command and would report that intent with confidence 1.
    """
    parse_message = agent.parse_message

    async def parse(text: str) -> dict[str, Any]:
        parsed = await parse_message(text.lstrip("/ \t\r\n"))
        return {**parsed, "text": text}

    agent.parse_message = parse


async def _prepare(app: Any, loop: Any) -> None:
    """Parses a few texts before the loop answers anybody: the first parse takes 0.1 s."""
    _read_slash_as_text(app.ctx.agent)
    for text in WARM_UP_TEXTS:
        await app.ctx.agent.parse_message(text)
    print("ready", flush=True)


def serve(model: Path, *, interface: str, port: int, auth_token: str | None) -> None:
    """Runs until the process is told to end."""
    set_environment()
    quiet_logging()
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    serve_application(
        str(model),
        channel="rest",
        interface=interface,
        port=port,
        auth_token=auth_token,
        enable_api=True,
        endpoints=AvailableEndpoints(),
        server_listeners=[(_prepare, "after_server_start")],
    )


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 after an orderly end, 1 if there is no model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    args = parser.parse_args(argv)
    try:
        model = args.model or current_model(args.models)
        if not model.is_file():
            raise FileNotFoundError(f"{model} does not exist")
    except OSError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    serve(
        model,
        interface=args.interface,
        port=args.port,
        auth_token=os.environ.get("NLU_AUTH_TOKEN") or None,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
