"""What a storm is about: most are about everything, some crowd one kind of trouble together.

What needs three rare things at once happens in one of a thousand storms of everything, and in one
of ten that make those three things frequent.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Theme:
    """How a storm differs from one of everything; None leaves a matter to chance.

    `deeds` are done more often than others, with `bursts` in as many bursts, and with `alone` few
    others are. With `turns` most sessions turn old at one moment, and most is done just before it.
    With `twice` every event that is not lost comes twice, the second `latest_s` late at most. With
    `stale` Lists often are. `rivals` is how likely somebody takes the seats that a call of several
    was planned for, just before it arrives.
    """

    name: str
    deeds: tuple[str, ...] = ()
    settle_s: tuple[float, float] | None = None
    storm_s: float | None = None
    deadliness: float | None = None
    sources_per_call: int | None = None
    capacity: int | None = None
    ceiling: bool | None = None
    turns: bool = False
    stale: bool = False
    twice: bool = False
    latest_s: float | None = None
    losses: float | None = None
    sweeps: bool = True
    rivals: float = 0.0
    fixed: int | None = None
    largest_batch: int | None = None
    writers: int | None = None
    bursts: int | None = None
    alone: bool = False


TURN_S = 180.0
"""When they turn, in seconds from the storm's beginning: at a full minute, as sessions say it."""

USUAL = Theme("usual")
THEMES = (
    # Several pools, few sources left below a ceiling, and sessions so long in the making that the
    # instance that asked for them is gone.
    Theme(
        "costly",
        deeds=("launch", "create_and_attach"),
        settle_s=(120.0, 120.0),
        deadliness=0.1,
        ceiling=True,
        capacity=10,
        bursts=4,
        largest_batch=500,
        losses=0.0,
        latest_s=2.0,
        alone=True,
    ),
    # Two orders of one pool, before and after a session ceases to be young.
    Theme(
        "turning",
        deeds=("create_and_attach",),
        settle_s=(1.0, 3.0),
        storm_s=300.0,
        deadliness=0.15,
        capacity=10,
        ceiling=False,
        turns=True,
        stale=True,
        twice=True,
        latest_s=5.0,
        fixed=3,
        largest_batch=1,
        writers=2,
        alone=True,
    ),
    # Races for the last seats of a session, and large batches after them.
    Theme(
        "racing",
        deeds=("launch", "remove_source", "delete_instance"),
        settle_s=(0.01, 0.02),
        sources_per_call=3,
        capacity=5,
        ceiling=False,
        rivals=0.5,
        fixed=1,
        largest_batch=500,
        deadliness=0.0,
        writers=1,
        bursts=4,
        alone=True,
    ),
    # Long waits for busy sessions, while interfaces and instances become something else.
    Theme(
        "moving",
        deeds=("move", "tag_instance", "tag_interface", "create_and_attach"),
        settle_s=(20.0, 60.0),
        ceiling=False,
        fixed=1,
    ),
    # Events that come again when the session of their calls is deleted.
    Theme(
        "replaying",
        deeds=("create_and_attach", "delete_session"),
        settle_s=(1.0, 3.0),
        storm_s=300.0,
        deadliness=0.01,
        ceiling=False,
        twice=True,
        latest_s=120.0,
        losses=0.4,
        sweeps=False,
        fixed=3,
        alone=True,
    ),
)


def draw_theme(chance: Random) -> Theme:
    return chance.choice(THEMES) if chance.random() < 0.4 else USUAL
