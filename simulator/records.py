"""Values the simulator keeps: citizens, messages, tokens, and the counters that tests look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

Author = Literal["citizen", "oa", "staff"]
Delivery = Literal["sending", "delivered", "retrying", "lost", "not_sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizen:
    """One Zalo user as this OA sees her."""

    id: str
    app_user_id: str
    name: str
    last_interaction_ms: int | None = None
    """None: never wrote, tapped, followed or opened the chat."""
    follow: Literal["never", "following", "unfollowed"] = "never"
    refusal: int | None = None
    """A code that every send to her gets, such as -217 or -244."""
    is_withdrawn: bool = False
    tags: tuple[str, ...] = ()
    """Labels that the OA put on her."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One bubble of a talk, or a tap that shows none."""

    id: str
    citizen_id: str
    author: Author
    kind: str
    time_ms: int
    text: str = ""
    buttons: tuple[dict[str, Any], ...] = ()
    """As Zalo received them: {title, type, payload}."""
    attachment: dict[str, Any] | None = None
    """What goes into `attachments[0].payload` of a webhook event."""
    quote_id: str = ""
    is_hidden: bool = False
    """A tap on an oa.query.hide button: sent to the webhook, not shown in the talk."""
    delivery: Delivery = "not_sent"
    """How far a citizen's message has come on its way to the webhook."""
    reaction: str = ""
    """Icon that the OA put on a citizen's message."""
    quota: str = ""
    """For messages of the OA: the quota type, or `charged`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """The live pair; every earlier token is dead."""

    access_token: str
    refresh_token: str
    issued_ms: int


@dataclass(slots=True, kw_only=True)
class Counters:
    """What has happened since the start; tests assert on differences."""

    exchanges: int = 0
    refreshes: int = 0
    dead_refresh_token_uses: int = 0
    dead_access_token_uses: int = 0
    sends: int = 0
    charged: int = 0
    package_used: int = 0
    sends_to_withdrawn: int = 0
    uploads: Counter[str] = field(default_factory=Counter)
    """Accepted ones, by kind: image, gif, file."""
    erasures: int = 0
    """Calls of deletefollowerinfo."""
    refused: Counter[str] = field(default_factory=Counter)
    """By error code."""
    unknown_keys: Counter[str] = field(default_factory=Counter)
    """Keys in requests that the documentation does not know."""
    webhook: Counter[str] = field(default_factory=Counter)
    """queued, posted, ok, slow, unreachable, http_<status>, redelivered, duplicates, filtered,
    lost."""
