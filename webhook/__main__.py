"""`python -m webhook`: serves the webhook application with uvicorn until it is told to end."""

from __future__ import annotations

import os

import structlog
import uvicorn
from fastapi import FastAPI

from bot.settings import Settings, read_settings
from webhook.app import create_app


def configure_log() -> None:
    """One JSON line per event on standard output."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        cache_logger_on_first_use=True,
    )


def make_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn runs the webhook. No access log: it would name every caller."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.webhook_port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )


def main() -> None:
    """Read the settings from the environment and serve."""
    configure_log()
    settings = read_settings(os.environ)
    uvicorn.Server(make_config(create_app(settings, known_oas=settings.known_oas), settings)).run()


if __name__ == "__main__":
    main()
