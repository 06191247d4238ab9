"""A small budget of calls makes mirror slow; it must not make it late, blind, or idle."""

from __future__ import annotations

from evermirror.placement.limits import Limits
from evermirror.placement.rendezvous import order
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .growing_pools import LIST, balancer, growing, grown, slbs, writer


def test_no_change_leaves_after_its_time_however_long_the_budget_makes_it_wait(
    serve: Serve,
) -> None:
    world = serve(list(range(1, 41)), list(range(1, 41)))
    writer = world.writer().with_a_budget_of(20)
    began = writer.clock.now()

    writer.deliver(*[attached(n) for n in range(1, 41)], timeout_s=60)

    changed = [call["t"] for call in world.adds()]
    looked = [call["t"] for call in world.cloud.journal(LIST)]
    assert changed
    assert max(changed) <= began + 60 - 45
    for at in changed:
        assert at - max(look for look in looked if look <= at) <= Limits().stale_bound_s


def large_pool(*of_session: int, sessions: int = 300) -> list[dict[str, object]]:
    """Sessions on so many pages that reading them under a small budget outlasts any look."""
    return [a_session(n, *of_session if n == 1 else ()) for n in range(1, sessions + 1)]


def test_a_pool_that_takes_longer_to_read_than_a_look_may_be_old_is_filled_all_the_same(
    serve: Serve,
) -> None:
    world = serve([1, 2, 3], large_pool())

    told = world.writer().with_a_budget_of(20).outcomes(attached(1), attached(2), attached(3))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert all(len(places) == 1 for places in world.placements().values())


def test_before_an_old_look_is_acted_on_it_is_asked_whether_the_interface_came_in_since(
    serve: Serve,
) -> None:
    world = serve([1], large_pool())
    last = order(eni(1), tuple(tms(n) for n in range(1, 301)), {}, 0.0)[-1]

    def somebody_adds_it() -> None:
        state = world.cloud.state()
        for session in state["sessions"]:
            if session["id"] == last:
                session["sources"].append(eni(1))
        world.cloud.load(state)

    slow = world.writer().with_a_budget_of(20).before("find_sessions", 1, somebody_adds_it)

    told = slow.outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", last)
    assert world.adds() == []


def test_a_change_that_another_writer_began_meanwhile_is_waited_for(serve: Serve) -> None:
    world = serve([1], large_pool())
    first, second = order(eni(1), tuple(tms(n) for n in range(1, 301)), {}, 0.0)[:2]

    def another_writer_passed_the_first() -> None:
        state = world.cloud.state()
        for session in state["sessions"]:
            if session["id"] == second:
                change = {"remaining_s": 9.0, "add": [eni(1)]}
                session.update(status="Modifying", change=change)
        world.cloud.load(state)

    meanwhile = another_writer_passed_the_first
    slow = world.writer().with_a_budget_of(20).before("find_sessions", 1, meanwhile)
    answers = [slow.deliver(attached(1))]
    while answers[-1]["handed_over"]:
        answers.append(slow.deliver_bytes(slow.kept.invocations[-1][1]))

    assert [one["session_id"] for one in answers[-1]["outcomes"]] == [second]
    assert world.placements() == {eni(1): [second]}
    assert first not in {call["parameters"]["TrafficMirrorSessionId"] for call in world.adds()}


def test_nothing_is_added_to_a_session_that_the_closer_look_did_not_ask_for(serve: Serve) -> None:
    world = serve([1], large_pool(), limits={"sources_per_session": 1})
    first = order(eni(1), tuple(tms(n) for n in range(1, 301)), {}, 0.0)[:100]

    def others_fill_all_that_come_first() -> None:
        state = world.cloud.state()
        for session in state["sessions"]:
            if session["id"] in first:
                session["sources"] = [eni(1000 + int(session["id"][-3:]))]
        world.cloud.load(state)

    writer = world.writer(sources_per_session=1).with_a_budget_of(20)
    writer.before("find_sessions", 1, others_fill_all_that_come_first)
    answer = writer.deliver(attached(1))
    while answer["handed_over"]:
        answer = writer.deliver_bytes(writer.kept.invocations[-1][1])

    (added,) = world.adds()
    looks = [call for call in world.cloud.journal(LIST) if call["t"] <= added["t"]]
    assert added["parameters"]["TrafficMirrorSessionId"] not in first
    assert added["parameters"]["TrafficMirrorSessionId"] in looks[-1]["parameters"].values()


def test_a_pool_too_large_for_one_look_grows(serve: Serve) -> None:
    full = [a_session(n, 1000 + n, target=balancer(n), name=f"ids-{n}") for n in range(1, 301)]
    world = serve([1, 2, 3], full, slbs=slbs(1), limits={"sources_per_session": 1})
    policy = growing(1, *(tms(n) for n in range(1, 301)))
    lister = writer(world, policy, sources_per_session=1)

    told = lister.with_a_budget_of(30).outcomes(*[attached(n) for n in range(1, 4)])

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert [len(sources) for sources in grown(world).values()] == [1, 1, 1]
