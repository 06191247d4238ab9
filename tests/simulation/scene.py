"""What a storm begins with: a fleet, deployments over it, and how rough it will be; by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from . import fleets
from .policies import Deployment, draw_deployments, draw_edition
from .themes import Theme, draw_theme

ADD = "AddSourcesToTrafficMirrorSession"
CREATE = "CreateTrafficMirrorSession"
REMOVE = "RemoveSourcesFromTrafficMirrorSession"
UPDATE = "UpdateTrafficMirrorSessionAttribute"
DELETE = "DeleteTrafficMirrorSession"
CLOCKS_APART_S = 5.0
LIST = "ListTrafficMirrorSessions"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn before the first event.

    `stale_s` is how old an answer can be when it comes, `describes_stale_s` the same of interfaces
    and instances, `page` how many sessions one shows at most.
    """

    theme: Theme
    fleet: Mapping[str, Any]
    deployments: tuple[Deployment, ...]
    storm_s: float
    capacity: int
    sources_per_call: int
    sources_per_create: int
    reclaims: bool
    writers: int
    page: int | None
    stale_s: float
    describes_stale_s: float
    trouble: list[dict[str, Any]]
    skews_s: float
    set_back_s: float
    notify_down_s: tuple[float, float]
    sweeps_every_s: float | None

    @property
    def last(self) -> Deployment:
        return self.deployments[-1]

    @property
    def limits(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.fleet["limits"]
        return found


def draw(chance: Random, seed: int) -> Scene:
    theme = draw_theme(chance)
    storm_s = theme.storm_s or chance.choice((200.0, 300.0, 300.0, 700.0))
    has_ceiling = chance.random() < 0.25 if theme.ceiling is None else theme.ceiling
    pins = chance.random() < 0.4
    fixed = theme.fixed or chance.randint(1, 3)
    first = Deployment(
        edition=draw_edition(chance, fixed, pins=pins),
        allow_growth=chance.random() < 0.85,
        max_sources=chance.choice((6, 12)) if has_ceiling else None,
        calls_per_minute=chance.choice((1e9, 300.0, 300.0, 60.0)),
    )
    # By a clock that is wrong by more, young sessions would rank last for one run and not another.
    set_back_s = chance.choice((60.0, 600.0)) if chance.random() < 0.05 else 3.0
    deployments = draw_deployments(chance, first, storm_s, pins=pins)
    if set_back_s > CLOCKS_APART_S:
        deployments = tuple(replace(one, allow_growth=False) for one in deployments)
    trouble, stale_s = _trouble(chance, seed, often_stale=theme.stale)
    young_s = 0.0 if set_back_s > CLOCKS_APART_S else storm_s
    fleet = fleets.draw(chance, seed, deployments, fixed, young_s, theme)
    behaviour = fleet["behaviour"]
    listed_s = max(stale_s, behaviour["stale_list_s"]) + behaviour["modifying_visible_after_s"]
    describes_stale_s = behaviour["stale_describe_s"]
    down_at = chance.uniform(0.0, storm_s)
    return Scene(
        theme=theme,
        fleet=fleet,
        deployments=deployments,
        storm_s=storm_s,
        capacity=fleet["limits"]["sources_per_session"],
        sources_per_call=theme.sources_per_call or chance.choice((1, 1, 3)),
        sources_per_create=10,
        reclaims=chance.random() < 0.5,
        # The ceiling is counted by one instance at a time, which is what the template has.
        writers=1 if has_ceiling else theme.writers or chance.choice((1, 1, 2, 3)),
        page=chance.choice((None, None, None, 3)),
        stale_s=max(listed_s, describes_stale_s),
        describes_stale_s=describes_stale_s,
        trouble=trouble,
        skews_s=chance.choice((0.0, 0.0, 3.0)),
        set_back_s=set_back_s,
        notify_down_s=(down_at, chance.choice((0.0, 0.0, 60.0, 600.0))),
        sweeps_every_s=chance.choice((None, 60.0, 150.0)) if theme.sweeps else None,
    )


def _trouble(chance: Random, seed: int, *, often_stale: bool) -> tuple[list[dict[str, Any]], float]:
    """Faults, and how stale they make an answer."""
    kinds: list[dict[str, Any]] = [
        {"reset": "after"},
        {"reset": "before"},
        {"throttle": True, "retry_after_ms": 500},
        {"background_failure": True},
        {"error": "InternalError", "status": 500},
    ]
    faults: list[dict[str, Any]] = [
        {"action": action, "when": {"probability": chance.choice((0.05, 0.2))}, "do": kind}
        for action in (ADD, CREATE, REMOVE)
        for kind in kinds
        if chance.random() < 0.25
    ]
    stale_s = 8.0 if often_stale else chance.choice((0.0, 0.0, 3.0, 8.0))
    if stale_s:
        when = {"probability": 0.5 if often_stale else 0.15}
        faults.append({"action": LIST, "when": when, "do": {"stale_s": stale_s}})
    if chance.random() < 0.3:
        faults.append({"action": "*", "when": {"probability": 0.05}, "do": {"truncate": 20}})
    return [{**fault, "seed": seed + number} for number, fault in enumerate(faults)], stale_s
