"""Settings of the simulator: arguments first, then the environment, then invented defaults.

The identifiers and secrets below belong to no real app or Official Account.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What stays the same while the simulator runs; what a test may switch is in `Profile`."""

    host: str = "127.0.0.1"
    port: int = 8410
    state_dir: Path = Path("var/simulator")
    webhook_url: str = "http://127.0.0.1:8400/webhook/zalo"
    """Where events are posted; empty: nowhere, every event counts as lost."""
    app_id: str = "4100000000000000011"
    app_secret: str = "simulated-app-secret"
    oa_id: str = "3880000000000000022"
    oa_secret: str = "simulated-oa-secret"
    oa_name: str = "UBND xã Mẫu"
    callback_url: str = ""
    """The only redirect_uri that the permission page accepts; empty: any http(s) address."""
    speed: float = 1.0
    """Simulated seconds per real second; the retry ladder runs on simulated time."""


_FROM_ENVIRONMENT = {
    "app_id": "ZALO_APP_ID",
    "app_secret": "ZALO_APP_SECRET",
    "oa_id": "ZALO_OA_ID",
    "oa_secret": "ZALO_OA_SECRET",
}


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Settings from the command line; identifiers and secrets may come from the environment."""
    default = Settings()
    parser = argparse.ArgumentParser(prog="simulator", description="A stand-in for Zalo")
    parser.add_argument("--host", default=default.host)
    parser.add_argument("--port", type=int, default=default.port, help="0: any free port")
    parser.add_argument("--state-dir", type=Path, default=default.state_dir)
    parser.add_argument("--webhook-url", default=default.webhook_url)
    parser.add_argument("--oa-name", default=default.oa_name)
    parser.add_argument("--callback-url", default=default.callback_url)
    parser.add_argument("--speed", type=float, default=default.speed)
    for name, variable in _FROM_ENVIRONMENT.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            default=environment.get(variable, "") or getattr(default, name),
            help=f"else from {variable}",
        )
    return Settings(**vars(parser.parse_args(arguments)))
