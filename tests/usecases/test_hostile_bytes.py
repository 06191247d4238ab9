"""Whatever arrives at mirror gets an answer, and no id that fails the pattern reaches the cloud."""

from __future__ import annotations

import json
import random
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from .conftest import Serve
from .writers import World

ROOT = Path(__file__).parents[2]
GOLDEN = [path.read_bytes() for path in sorted((ROOT / "events/mirror").glob("*.json"))]
ODD: list[Any] = [
    None, True, -1, 1e308, "", "eni-****", "i-\n", "\ud800", [], {}, [[]], {"a": None},
    "x" * 5000, "2026-13-45T99:99:99PRC", ["eni-j6c000000000000001"], "acs.oss", 10**40,
]  # fmt: skip
ID = re.compile(r"(eni|i|tms|lb)-[a-z0-9]{8,40}")


def random_bytes(seed: int) -> bytes:
    draw = random.Random(seed)
    return draw.randbytes(draw.choice([0, 1, 7, 200, 20_000]))


def mutated(seed: int) -> bytes:
    draw = random.Random(seed)
    event = draw.choice(GOLDEN)
    if draw.random() < 0.4:
        return damaged(event, draw)
    document = json.loads(event)
    for _ in range(draw.randint(1, 4)):
        change_somewhere(document, draw)
    return json.dumps(document).encode()


def damaged(event: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(event))
    kind = draw.randrange(4)
    if kind == 0:
        return event[:at]
    if kind == 1:
        return event[:at] + draw.randbytes(3) + event[at:]
    if kind == 2:
        return event[:at] + event[at + draw.randint(1, 40) :]
    return b"[" * draw.choice([10, 100_000]) + event


def change_somewhere(node: Any, draw: random.Random) -> None:
    places = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not places:
        return
    place = draw.choice(places)
    if isinstance(node[place], dict | list) and draw.random() < 0.8:
        change_somewhere(node[place], draw)
    elif isinstance(node, dict) and draw.random() < 0.3:
        del node[place]
    else:
        node[place] = deepcopy(draw.choice(ODD))


@pytest.fixture
def world(serve: Serve) -> World:
    return serve([1, 2], [1, 2])


@pytest.mark.parametrize(
    "payloads",
    [
        [random_bytes(seed) for seed in range(200)],
        [mutated(seed) for seed in range(250)],
        [mutated(seed) for seed in range(250, 500)],
    ],
    ids=["200 random byte strings", "250 mutations", "250 other mutations"],
)
def test_every_delivery_is_answered_and_only_whole_ids_are_asked_for(
    world: World, payloads: list[bytes]
) -> None:
    writer = world.writer()

    answers = [writer.deliver_bytes(payload) for payload in payloads]

    assert all(answer["outcomes"] or answer["handed_over"] for answer in answers)
    assert "Traceback" not in writer.lines.getvalue()
    asked = [
        value
        for call in world.cloud.journal()
        for name, value in call["parameters"].items()
        if "Id." in name or name.endswith(("InstanceId", "SessionId"))
    ]
    assert all(ID.fullmatch(value) for value in asked)


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_five_thousand_more_mutations_are_answered(world: World) -> None:
    writer = world.writer()

    for seed in range(10_000, 15_000):
        answer = writer.deliver_bytes(mutated(seed))
        assert answer["outcomes"] or answer["handed_over"], seed
