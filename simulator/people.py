"""The API calls about citizens: profile, list, labels, erasure.

A profile call knows little on purpose: the simulator has no names beyond "Người dùng 1".
"""

from __future__ import annotations

from dataclasses import replace

from simulator.records import Citizen
from simulator.sending import JsonObject, Refusal
from simulator.tables import LIMITS
from simulator.times import vietnam_date
from simulator.world import World

_AVATAR = "https://avatar.example/a.jpg"


def user_detail(world: World, data: JsonObject) -> JsonObject:
    """Profile of one citizen. Raises UnknownCitizen, which answers -201."""
    citizen = world.citizen(str(data.get("user_id", "")))
    last_ms = citizen.last_interaction_ms
    return {
        "user_id": citizen.id,
        "user_id_by_app": citizen.app_user_id,
        "user_external_id": "",
        "display_name": citizen.name,
        "user_alias": "",
        "is_sensitive": False,
        "user_last_interaction_date": "" if last_ms is None else vietnam_date(last_ms),
        "user_is_follower": citizen.follow == "following",
        "avatar": _AVATAR,
        "avatars": {"120": _AVATAR, "240": _AVATAR},
        "dynamic_param": "",
        "tags_and_notes_info": {"notes": [], "tag_names": list(citizen.tags)},
        "shared_info": {
            "address": "", "city": "", "district": "", "phone": 0, "name": "", "user_dob": "",
        },
    }  # fmt: skip


def user_list(world: World, data: JsonObject) -> JsonObject:
    """Ids of citizens, at most 50 a page; filters `is_follower` and `tag_name`."""
    offset, count = data.get("offset", 0), data.get("count", LIMITS.user_count_max)
    if type(offset) is not int or type(count) is not int or offset < 0 or count < 0:
        raise Refusal(-201, "offset or count is invalid!")
    if count > LIMITS.user_count_max or offset > LIMITS.user_offset_max:
        raise Refusal(-210)
    found = [citizen for citizen in world.citizens() if _matches(citizen, data)]
    page = found[offset : offset + count]
    return {
        "total": len(found), "count": count, "offset": offset,
        "users": [{"user_id": citizen.id} for citizen in page],
    }  # fmt: skip


def _matches(citizen: Citizen, data: JsonObject) -> bool:
    wants_follower = data.get("is_follower")
    if wants_follower is not None:
        is_follower = citizen.follow == "following"
        if is_follower != (str(wants_follower).lower() == "true"):
            return False
    return data.get("tag_name") in (None, "", *citizen.tags)


def add_tag(world: World, data: JsonObject) -> None:
    """Put a label on a citizen; a label comes into being by its first use."""
    citizen, name = _labelled(world, data)
    world.save_citizen(replace(citizen, tags=tuple(dict.fromkeys([*citizen.tags, name]))))


def remove_tag(world: World, data: JsonObject) -> None:
    """Take a label off a citizen."""
    citizen, name = _labelled(world, data)
    world.save_citizen(replace(citizen, tags=tuple(tag for tag in citizen.tags if tag != name)))


def list_tags(world: World) -> list[str]:
    """Labels in use."""
    return sorted({tag for citizen in world.citizens() for tag in citizen.tags})


def erase_user(world: World, data: JsonObject) -> None:
    """Erase what the OA keeps about a citizen: labels and shared data. The talk is hers."""
    citizen = world.citizen(str(data.get("user_id", "")))
    world.counters.erasures += 1
    world.save_citizen(replace(citizen, tags=()))


def _labelled(world: World, data: JsonObject) -> tuple[Citizen, str]:
    name = data.get("tag_name")
    if not isinstance(name, str) or not name.strip():
        raise Refusal(-201, "tag_name is invalid!")
    return world.citizen(str(data.get("user_id", ""))), name
