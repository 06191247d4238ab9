"""More sources in a call than the service takes are learned, by whatever code it refuses them."""

from __future__ import annotations

from evermirror.engine.learned import LESSON_S
from evermirror.placement.rendezvous import order
from tests.worlds import a_session, an_interface, attached, eni, tms

from .conftest import Serve
from .growing_pools import CREATE, grown, slbs, writer
from .tampering import somebody_calls
from .writers import World

ADD = "AddSourcesToTrafficMirrorSession"
MANY = {"sources_per_call": 10, "sources_per_create": 10}
UNHEARD_OF = {"error": "QuotaExceeded.SourcesPerRequest", "status": 400}


def sources_of_calls(world: World, action: str) -> list[int]:
    """How many sources each call named, in order."""
    return [
        sum(name.startswith("TrafficMirrorSourceIds.") for name in call["parameters"])
        for call in world.cloud.journal(action)
    ]


def test_company_that_is_refused_and_passes_alone_teaches_to_go_alone(serve: Serve) -> None:
    world = serve(list(range(1, 8)), [1], limits=MANY)
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": UNHEARD_OF}])
    taught = world.writer(sources_per_call=5)

    first = taught.outcomes(*[attached(n) for n in range(1, 5)])
    second = taught.outcomes(*[attached(n) for n in range(5, 8)])

    assert {one["outcome"] for one in (*first, *second)} == {"mirrored"}
    assert sources_of_calls(world, ADD) == [4, *[1] * 4, *[1] * 3]


def test_company_that_is_refused_for_the_sake_of_one_teaches_nothing(serve: Serve) -> None:
    world = serve([1, 2, an_interface(3, bond_without_slave=True), 5, 6], [1], limits=MANY)
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": UNHEARD_OF}])
    taught = world.writer(sources_per_call=5)

    first = taught.outcomes(*[attached(n) for n in (1, 2, 3)])
    second = taught.outcomes(attached(5), attached(6))

    assert sorted(one["outcome"] for one in first) == ["mirrored", "mirrored", "rejected"]
    assert {one["outcome"] for one in second} == {"mirrored"}
    assert sources_of_calls(world, ADD)[-1] == 2


def test_a_new_session_that_is_refused_with_company_is_made_with_one(serve: Serve) -> None:
    world = serve(list(range(1, 5)), [], slbs=slbs(1), limits=MANY)
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 1}, "do": UNHEARD_OF}])
    taught = writer(world)

    told = taught.outcomes(*[attached(n) for n in range(1, 5)])

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert grown(world) == {0: [eni(n) for n in range(1, 5)]}

    world.cloud.load({**world.cloud.state(), "sessions": [a_session(9)]})
    world.clock.sleep(60)
    again = taught.outcomes(*[attached(n) for n in range(1, 5)])

    assert {one["outcome"] for one in again} == {"mirrored"}
    assert tms(9) not in {one["session_id"] for one in again}
    assert sources_of_calls(world, CREATE) == [4, 1, 1]


def test_a_lesson_is_tried_again_after_its_time(serve: Serve) -> None:
    world = serve(list(range(1, 11)), [1], limits=MANY)
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": UNHEARD_OF}])
    taught = world.writer(sources_per_call=5)
    assert len(taught.outcomes(attached(1), attached(2))) == 2

    taught.outcomes(attached(3), attached(4))
    world.clock.sleep(LESSON_S)
    told = taught.outcomes(*[attached(n) for n in range(5, 9)])

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert sources_of_calls(world, ADD) == [2, 1, 1, 1, 1, 4]


def test_a_race_for_a_seat_that_was_lost_makes_no_later_batch_smaller(serve: Serve) -> None:
    def prefer(session: int) -> list[int]:
        ids = (tms(1), tms(2), tms(3))
        return [n for n in range(10, 400) if order(eni(n), ids, {}, 0.0)[0] == tms(session)]

    mine, later = prefer(1)[:5], prefer(2)[:10]
    nearly_full = a_session(1, *range(1, 6))
    world = serve([*range(1, 7), *mine, *later], [nearly_full, 2, 3], limits=MANY)

    def take_a_seat() -> None:
        named = {"TrafficMirrorSessionId": tms(1), "TrafficMirrorSourceIds.1": eni(6)}
        somebody_calls(world, ADD, wait_s=5, **named)

    losing = world.writer(sources_per_call=10).before("add_sources", 1, take_a_seat)
    assert {one["outcome"] for one in losing.outcomes(*map(attached, mine))} == {"mirrored"}
    before = len(world.adds())
    began = world.clock.now()

    told = losing.outcomes(*map(attached, later))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert sources_of_calls(world, ADD)[before:] == [10]
    assert world.clock.now() - began < 5
