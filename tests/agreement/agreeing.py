"""One world, from its seed to everything that is not agreed upon."""

from __future__ import annotations

import traceback

from .answers import Asking
from .judging import judge
from .verdicts import Disagreement
from .worlds import draw_world


def disagreements(seed: int, who: Asking) -> list[Disagreement]:
    """What is wrong with the answers about the world of a seed; that none comes is wrong too."""
    world = draw_world(seed)
    try:
        answers = who.answers(world)
    except Exception as error:  # noqa: BLE001 - whatever breaks, the seed must be told
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return [Disagreement("somebody", str(seed), "an answer", said)]
    return judge(world, answers)
