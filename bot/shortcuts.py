"""What is understood without the model: tapped buttons, numbers of choices, a few menu words.

Payloads are versioned and self-contained: `g1:<intent>/<case>` opens a guide, `e1:` its common
errors, `m1:<topic>` a menu, `s1:<id>` an essential service. Typed by hand or tapped months later,
they do no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.guides import GuideSet, fold
from bot.talk import Talk


@dataclass(frozen=True, slots=True)
class Target:
    """What a button, a number or a classification leads to."""

    name: str
    kind: str = "g"
    variant: str | None = None


_PAYLOAD = re.compile(r"(?P<kind>[gems])1:(?P<name>[a-z0-9_]*)(?:/(?P<variant>[a-z0-9_]+))?")
_NUMBER = re.compile(r"(?:so\s*|chon\s*|muc\s*)?(\d{1,2})")
_MENU_WORDS = {"menu", "bat dau", "muc luc", "danh muc", "0"}
_NOT_THESE = {"khong phai", "khong", "khong dung", "ko phai", "k phai", "muc khac", "cai khac"}
_YES = {"phai", "phai roi", "dung", "dung roi", "vang", "da", "da phai", "uh", "u", "ok", "co"}
_OFFICER_WORDS = {"gap can bo", "gap nguoi", "noi chuyen voi can bo", "can bo", "gap nguoi that"}
_SERVICE_WORDS = {
    "dich vu thiet yeu", "dich vu cong thiet yeu", "cac dich vu thiet yeu", "53 dich vu",
    "53 dich vu cong", "53 dich vu thiet yeu", "53 dich vu cong thiet yeu", "danh sach dich vu",
    "danh sach dich vu cong", "danh sach dich vu thiet yeu",
}  # fmt: skip
SERVICES = "thiet_yeu"
"""Name of the menu of essential services."""
SERVICES_LABEL = "dịch vụ công thiết yếu"
SERVICES_TOPIC = "dvc"
"""The topic whose menu leads to it."""
NONE_OF_THESE = "m1:khac"
"""Payload of the choice that none of the offered ones fits."""


def payload_of(name: str, guides: GuideSet) -> str:
    """The button payload that leads to an intent or a topic's menu."""
    return f"m1:{name}" if name in guides.topics or name == SERVICES else f"g1:{name}"


def find_target(text: str, talk: Talk, guides: GuideSet) -> Target | None:
    """What `text` leads to without the model; None if the model has to be asked."""
    payload = _PAYLOAD.fullmatch(text.strip())
    if payload:
        return Target(payload["name"], payload["kind"], payload["variant"])
    plain = fold(text)
    number = _NUMBER.fullmatch(plain)
    # Without diacritics "mục 2", the menu's entry, is also "mức 2", the level of an account.
    if number and "mức" not in text.lower() and 1 <= int(number[1]) <= len(talk.choices):
        return find_target(talk.choices[int(number[1]) - 1], replace(talk, choices=()), guides)
    if plain in _MENU_WORDS:
        return Target("", "m")
    if plain in _SERVICE_WORDS:
        return Target(SERVICES, "m")
    if plain in _OFFICER_WORDS:
        return Target("gap_can_bo")
    if NONE_OF_THESE in talk.choices and plain in _NOT_THESE:
        return Target("khac", "m")
    if len(talk.choices) == 2 and talk.choices[1] == NONE_OF_THESE and plain in _YES:
        return find_target(talk.choices[0], replace(talk, choices=()), guides)
    same = [i.name for i in guides.intents.values() if fold(i.label) == plain]
    return Target(same[0]) if same else None
