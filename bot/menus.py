"""Menus: the topics, what each topic offers, and the list of essential services."""

from __future__ import annotations

from bot.asking_back import none_of_these
from bot.render import Choice, render_list
from bot.scene import Scene
from bot.shortcuts import SERVICES, SERVICES_TOPIC
from bot.talk import Decision, Outcome


def open_menu(scene: Scene, topic: str) -> Decision:
    """The menu of a topic, of the essential services, or of all topics."""
    if topic == SERVICES:
        return _services(scene)
    if topic in scene.guides.topics:
        services = [SERVICES] if topic == SERVICES_TOPIC else []
        names = [*scene.entries(topic), *services, "gap_can_bo"]
        return scene.prepared(Outcome.TALK, "topic_menu", names)
    if topic == "khac":
        return none_of_these(scene)
    return scene.prepared(Outcome.TALK, "menu")


def open_service(scene: Scene, id: str) -> Decision:
    """Where to file a service that has no guide."""
    service = next((s for s in scene.guides.services if s.id == id), None)
    if service is None:
        return _services(scene)
    words = f"mã {service.code}" if service.code else f"“{service.name}”"
    return scene.prepared(Outcome.ANSWERED, "essential_service", label=service.name, tu_tim=words)


def _services(scene: Scene) -> Decision:
    """All essential services: those with a guide lead to it, the others to the portal."""
    offered = [
        Choice(
            title=service.name,
            payload=f"g1:{service.intent}"
            if scene.is_answered(service.intent)
            else f"s1:{service.id}",
        )
        for service in scene.guides.services
    ]
    reply = render_list(scene.voice, scene.guides.replies["essential_services"], offered)
    return Decision(outcome=Outcome.TALK, reply=reply, talk=scene.remember(offered))
