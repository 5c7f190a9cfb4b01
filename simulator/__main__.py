"""`python -m simulator`: serve the simulator until it is stopped."""

from __future__ import annotations

import os
import sys
from types import FrameType

import uvicorn

from simulator.app import create_app
from simulator.settings import read_settings
from simulator.world import World


class _Server(uvicorn.Server):
    """Ends the open streams of the chat page first: uvicorn would wait for them for ever."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        super().__init__(config)
        self._world = world

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._world.close()
        super().handle_exit(sig, frame)


def main() -> int:
    """Exit code for the shell."""
    settings = read_settings(sys.argv[1:], os.environ)
    app = create_app(settings, probes_at_start=True)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_level="warning", access_log=False,
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    _Server(config, app.state.world).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
