"""Settings of every process, read from the environment once, at start.

Each field's metadata names its environment variable and says what it is for; `docs/settings.md` and
`.env.example` are checked against them. Nothing else in the project reads the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bot.errors import SettingsError


def _setting(variable: str, default: str, help_text: str, *, is_secret: bool = False) -> Any:
    return field(metadata={
        "variable": variable, "default": default, "help": help_text, "is_secret": is_secret,
    })  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Times in seconds (`_s`), sizes in bytes."""

    var_dir: Path = _setting("VAR_DIR", "var", "Folder for everything the bot writes")
    content_dir: Path = _setting("CONTENT_DIR", "content", "Folder with guides, facts, offices")
    redis_url: str = _setting(
        "REDIS_URL", "", "Redis to use; empty: a private one is started under VAR_DIR"
    )
    database_url: str = _setting(
        "DATABASE_URL", "", "SQLAlchemy address of the database; empty: SQLite under VAR_DIR"
    )
    secret_key: str = _setting(
        "SECRET_KEY", "", "Key for citizen hashes, sessions and tokens at rest; empty: one is made "
        "under VAR_DIR at the first start", is_secret=True,
    )  # fmt: skip
    host: str = _setting("HOST", "127.0.0.1", "Address on which webhook and admin listen")
    webhook_port: int = _setting("WEBHOOK_PORT", "8400", "Port of the webhook")
    admin_port: int = _setting("ADMIN_PORT", "8401", "Port of the officers' page")
    nlu_port: int = _setting("NLU_PORT", "8405", "Port of `rasa run` when it is started here")
    simulator_port: int = _setting("SIMULATOR_PORT", "8410", "Port of the Zalo simulator")
    nlu_url: str = _setting(
        "NLU_URL", "", "Address of a running Rasa server; empty: one is started here"
    )
    nlu_python: Path = _setting(
        "NLU_PYTHON", ".venv-nlu/bin/python", "Python of the NLU environment, to train and serve"
    )
    nlu_timeout_s: float = _setting("NLU_TIMEOUT_S", "5", "Longest wait for one classification")
    zalo_app_id: str = _setting("ZALO_APP_ID", "", "App id from developers.zalo.me")
    zalo_app_secret: str = _setting(
        "ZALO_APP_SECRET", "", "App secret, used for the OAuth calls only", is_secret=True
    )
    zalo_oa_secret: str = _setting(
        "ZALO_OA_SECRET", "", "OA Secret Key from the webhook page; signs the events",
        is_secret=True,
    )  # fmt: skip
    zalo_oa_ids: str = _setting(
        "ZALO_OA_IDS", "", "Ids of the OAs served here, separated by blanks; events of others are "
        "dropped; empty: none is dropped",
    )  # fmt: skip
    zalo_oauth_url: str = _setting(
        "ZALO_OAUTH_URL", "https://oauth.zaloapp.com", "Zalo's OAuth host"
    )
    zalo_api_url: str = _setting("ZALO_API_URL", "https://openapi.zalo.me", "Zalo's API host")
    zalo_access_token: str = _setting(
        "ZALO_ACCESS_TOKEN", "", "First access token of the first OA, used only while none is "
        "stored", is_secret=True,
    )  # fmt: skip
    zalo_refresh_token: str = _setting(
        "ZALO_REFRESH_TOKEN", "", "First refresh token of the first OA, used only while none is "
        "stored", is_secret=True,
    )  # fmt: skip
    zalo_timeout_s: float = _setting("ZALO_TIMEOUT_S", "10", "Longest wait for one call to Zalo")
    zalo_send_endpoint: str = _setting(
        "ZALO_SEND_ENDPOINT", "auto", "auto, v3_cs or v2_message; auto remembers what works"
    )
    zalo_upload_max_age_h: float = _setting(
        "ZALO_UPLOAD_MAX_AGE_H", "144", "Hours after which a picture is uploaded to Zalo again; "
        "Zalo keeps it for 7 days (168 hours)",
    )  # fmt: skip
    zalo_site_verification: str = _setting(
        "ZALO_SITE_VERIFICATION", "", "Content of the meta tag zalo-platform-site-verification"
    )
    zalo_verifier_file: str = _setting(
        "ZALO_VERIFIER_FILE", "", "Name of the verifier file, like zalo_verifierXXXX.html"
    )
    zalo_verifier_content: str = _setting(
        "ZALO_VERIFIER_CONTENT", "", "Content of the verifier file; empty: its own name"
    )
    webhook_max_bytes: int = _setting(
        "WEBHOOK_MAX_BYTES", "262144", "Largest accepted webhook body"
    )
    webhook_refuse_unsigned: bool = _setting(
        "WEBHOOK_REFUSE_UNSIGNED", "no", "yes: answer 401 to a wrong signature, once live"
    )
    worker_tasks: int = _setting("WORKER_TASKS", "8", "Citizens served at once by one worker")
    is_simulated: bool = _setting(
        "SIMULATE", "no", "yes: start the simulator in place of Zalo (set by ./dev run)"
    )

    @property
    def known_oas(self) -> frozenset[str]:
        """Ids of the OAs served here; empty: every OA."""
        return frozenset(self.zalo_oa_ids.replace(",", " ").split())

    @property
    def database(self) -> str:
        """SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.var_dir / 'bot.db'}"

    @property
    def redis(self) -> str:
        """Redis address in force."""
        return self.redis_url or f"unix://{(self.var_dir / 'redis' / 'redis.sock').resolve()}"

    @property
    def nlu(self) -> str:
        """Address of the Rasa server in force."""
        return self.nlu_url or f"http://127.0.0.1:{self.nlu_port}"

    def __repr__(self) -> str:
        shown = (
            f"{f.name}={'***' if f.metadata['is_secret'] else getattr(self, f.name)!r}"
            for f in fields(self)
        )
        return f"Settings({', '.join(shown)})"


_YES = {"yes", "true", "1", "on"}
_NO = {"no", "false", "0", "off", ""}


def _convert(kind: str, variable: str, text: str) -> Any:
    try:
        match kind:
            case "Path":
                return Path(text)
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                if text.lower() in _YES | _NO:
                    return text.lower() in _YES
                raise ValueError
            case _:
                return text
    except ValueError as exc:
        raise SettingsError(
            f"{variable}={text!r} cannot be read as {kind}; correct it or unset it"
        ) from exc


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; a missing one takes its default.

    Raises SettingsError on a value that cannot be read.
    """
    values = {
        f.name: _convert(
            str(f.type), f.metadata["variable"],
            environment.get(f.metadata["variable"], f.metadata["default"]).strip(),
        )
        for f in fields(Settings)
    }  # fmt: skip
    return Settings(**values)
