"""Several matters in one message: which one is answered, and which are offered besides.

Old people tell everything at once ("… tiện thể bác hỏi luôn …"). The sentences are classified
one by one: fraud comes first, then what the whole message is about; the others are offered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.guides import Act, Intent
from bot.talk import Classification

MAX_SENTENCES: Final = 6
"""Of longer stories the last ones are looked at: the matter comes late."""
MIN_WORDS: Final = 4
"""A sentence of fewer words is no question of its own."""
STRONG: Final = 0.9
"""From this confidence on a sentence is taken for a matter of its own."""
_OFFERABLE: Final = (Act.GUIDE, Act.OFFICE, Act.SAFETY)

# A full stop needs a space behind it: there is none in "vneid.gov.vn". What follows these words is
# a second matter even where no full stop was typed.
_BORDER: Final = re.compile(
    r"[.;]\s+|[?!…\n]+\s*|,?\s+(?=(?:với lại|tiện thể|tiện đây|nhân tiện|ngoài ra|hỏi thêm|sẵn cho"
    r"|voi lai|tien the|tien day|nhan tien|ngoai ra|hoi them|san cho)\s)",
    re.I,
)


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences that could hold a matter of their own; empty if there are fewer than two."""
    parts = [p.strip() for p in _BORDER.split(text) if p]
    parts = [p for p in parts if len(p.split()) >= MIN_WORDS]
    return tuple(parts[-MAX_SENTENCES:]) if len(parts) > 1 else ()


def combine(
    whole: Classification,
    sentences: Sequence[Classification],
    intents: Mapping[str, Intent],
    *,
    fraud: str,
) -> Classification:
    """The reading of the message, with the further matters of its sentences in `others`.

    A sentence decides nothing by itself but fraud: stories mention in passing what they do not ask
    for, and the whole message, its closing sentence above all, is read better than its parts.
    Where the two best readings of the message are those of two sentences, the last is answered.
    """
    strong = [s for s in sentences if s.confidence >= STRONG and _is_offerable(s.intent, intents)]
    named = [s.intent for s in reversed(strong)]
    if fraud in named and whole.intent != fraud:
        rest = [(name, c) for name, c in whole.ranking if name != fraud]
        sign = next(s for s in strong if s.intent == fraud)
        whole = replace(whole, ranking=((fraud, sign.confidence), *rest))
        named = [*named, *(name for name, _ in rest[:1] if _is_offerable(name, intents))]
    elif len(set(named)) > 1 and {name for name, _ in whole.ranking[:2]} <= set(named):
        # The message is torn between the very matters of its sentences: the last one is answered.
        last = strong[-1]
        if whole.confidence < STRONG:
            rest = [(name, c) for name, c in whole.ranking if name != last.intent]
            whole = replace(whole, ranking=((last.intent, last.confidence), *rest))
    others = tuple(dict.fromkeys(name for name in named if name != whole.intent))
    return replace(whole, others=others)


def _is_offerable(name: str, intents: Mapping[str, Intent]) -> bool:
    intent = intents.get(name)
    return intent is not None and intent.act in _OFFERABLE
