"""Which sessions a pool makes next, and above all which it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from evermirror.engine.actions import Add, Finish, Grow, Wait
from evermirror.engine.numbers import UNGROWN, Number, Numbers, answered, observed
from evermirror.engine.plan import plan
from evermirror.engine.state import Creation, Observation, Progress, Standing, Want
from evermirror.engine.view import View
from evermirror.model import Cause, Intent, NetworkInterface, Place, Session
from evermirror.placement.limits import Limits
from evermirror.placement.placement import Placement
from evermirror.placement.snapshot import Lookup, Snapshot
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import POOL_TAG, Growth, Target
from evermirror.results import Accepted, Kind, Refused, Unknown

NOW = 1_800_000_000.0
ROOM = 3
GROWTH = Growth(
    "tmf-1", (Target("lb-1", "SLB"), Target("lb-2", "SLB")), 1000, 1009, max_sessions=8, name="big"
)
POOL = Pool("big", growth=GROWTH)


def eni(number: int) -> str:
    return f"eni-j6c{number:015}"


def want(number: int) -> Want:
    cause = Cause("acs.ecs", f"event-{number}")
    return Want(eni(number), (Intent(cause, network_interface_id=eni(number), first_seen=NOW),))


def made(number: int, sources: int = ROOM, status: str = "Created") -> Session:
    return Session(
        f"tms-made-{number}",
        status,
        tuple(eni(1000 * (number + 1) + n) for n in range(sources)),
        name=f"big-{number}",
        target_id=GROWTH.target(number).id,
        target_type=GROWTH.target(number).type,
        filter_id=GROWTH.filter_id,
        priority=1000 + number,
        tags={POOL_TAG: "big"},
        created_at=0.0,
    )


def view(
    sessions: Mapping[str, Session] | None = None,
    numbers: Numbers = UNGROWN,
    wanted: int = 8,
    per_create: int = 10,
    progress: Mapping[str, Progress] | None = None,
) -> View:
    return View(
        Place("1234567890123456", "cn-hongkong"),
        Policy({"big": POOL}, (), "big"),
        Limits(sources_per_session=ROOM, sources_per_create=per_create, allow_growth=True),
        Observation(
            NOW,
            {eni(n): NetworkInterface(eni(n), "InUse") for n in range(wanted)},
            {},
            sessions or {},
        ),
        progress or {},
        numbers={"big": numbers},
    )


def creations(seen: View, wanted: int = 8) -> list[Creation]:
    actions = plan([want(n) for n in range(wanted)], seen)
    return [one for a in actions if isinstance(a, Grow) for one in a.creations]


def test_numbers_go_up_as_long_as_each_session_is_filled() -> None:
    found = creations(view())

    assert [one.number for one in found] == [0, 1, 2]
    assert [len(one.network_interface_ids) for one in found] == [3, 3, 2]
    assert [one.new.target_id for one in found] == ["lb-1", "lb-2", "lb-1"]


def test_past_a_session_that_is_not_filled_nobody_is_sent() -> None:
    (one,) = creations(view(per_create=2))

    assert (one.number, len(one.network_interface_ids)) == (0, 2)


def test_the_lowest_number_that_nobody_is_seen_to_hold_is_made() -> None:
    stranger = Session("tms-x", "Created", priority=1001, created_at=0.0)
    seen = {one.id: one for one in (made(0), made(2), stranger)}

    assert [one.number for one in creations(view(seen))] == [3, 4, 5]


@given(st.permutations(range(8)))
def test_what_is_made_does_not_depend_on_the_order_of_arrival(shuffled: list[int]) -> None:
    assert plan([want(n) for n in shuffled], view()) == plan([want(n) for n in range(8)], view())


def test_a_token_depends_on_the_number_and_on_nobody_in_the_session() -> None:
    few, many = creations(view(), 4), creations(view(), 8)

    assert few[0].client_token == many[0].client_token
    assert few[1].network_interface_ids != many[1].network_interface_ids
    assert few[1].client_token == many[1].client_token
    assert len({one.client_token for one in many}) == 3


def test_an_unknown_outcome_binds_the_number_and_the_same_is_sent_again() -> None:
    (first, *_) = creations(view())
    numbers = answered(UNGROWN, first, Unknown("timed_out"), NOW)
    bound = Progress(standing=Standing.UNKNOWN, creation=first)
    progress = MappingProxyType(dict.fromkeys(first.network_interface_ids, bound))

    actions = plan([want(n) for n in range(8)], view(numbers=numbers, progress=progress))

    assert [a for a in actions if isinstance(a, Grow)] == [Grow((first,))]
    assert len([a for a in actions if isinstance(a, Wait)]) == 5


def test_while_a_number_is_contested_nobody_moves() -> None:
    contested = UNGROWN.noting(0, Number(contested_at=NOW))
    seen = {"tms-made-1": made(1, sources=1)}

    actions = plan([want(n) for n in range(8)], view(seen, contested))

    assert all(isinstance(action, Wait) for action in actions)


def test_a_contested_number_is_settled_by_its_holder_and_by_time_alone() -> None:
    contested = UNGROWN.noting(0, Number(contested_at=NOW))
    stranger = Session("tms-x", "Created", priority=1000)

    def later(seconds: float, *holders: Session) -> Number:
        seen = Observation(NOW + seconds, {}, {}, {}, holders=holders)
        return observed(contested, POOL, seen, stale_bound_s=10.0).known(0)

    assert later(1, stranger).taken
    assert later(1, made(0)) == Number()
    assert later(5).contested_at == NOW
    assert later(11) == Number(attempt=1)


def test_a_session_that_was_made_and_is_not_listed_yet_is_waited_for() -> None:
    (first, *_) = creations(view(), 2)
    numbers = answered(UNGROWN, first, Accepted("r", session_id="tms-new"), NOW)
    seen = view(numbers=numbers)
    seen = View(
        seen.place,
        seen.policy,
        seen.limits,
        seen.observation,
        {},
        changing={"tms-new": frozenset(first.network_interface_ids)},
        numbers={"big": numbers},
    )

    actions = plan([want(n) for n in range(4, 8)], seen)

    assert all(isinstance(action, Wait) for action in actions)


def test_room_in_a_session_comes_before_another_session() -> None:
    seen = {"tms-made-0": made(0, sources=1)}

    actions = plan([want(n) for n in range(8)], view(seen))

    assert [a.call.session_id for a in actions if isinstance(a, Add)] == ["tms-made-0"]
    assert not [a for a in actions if isinstance(a, Grow)]


def test_when_every_number_is_used_the_pool_is_full() -> None:
    seen = {one.id: one for one in (made(n) for n in range(8))}

    actions = plan([want(0)], view(seen))

    (finish,) = actions
    assert isinstance(finish, Finish)
    assert finish.reason == "pool_full"
    assert "max_sessions" in (finish.remedy or "")


def renamed(number: int) -> Session:
    """One of the pool by its tag alone."""
    return replace(made(number), name="by hand", priority=10 + number)


def test_a_number_whose_session_would_mirror_nothing_takes_no_place_from_one_that_would() -> None:
    growth = replace(GROWTH, targets=(Target(eni(99), "NetworkInterface"), GROWTH.targets[1]))
    seen = {f"tms-made-{number}": renamed(number) for number in range(7)}
    seen = {i: replace(one, target_id="lb-2", target_type="SLB") for i, one in seen.items()}
    snapshot = Snapshot(NOW, seen, interfaces=Lookup(asked=None))
    limits = Limits(sources_per_session=ROOM, allow_growth=True)
    policy = Policy({"big": Pool("big", growth=growth)}, (), "big")

    assert Placement(policy, snapshot, limits).free_numbers("big") == [1]


def test_a_target_that_takes_no_session_takes_no_number_from_the_others() -> None:
    seen = {f"tms-made-{number}": renamed(number) for number in range(7)}
    refused = Refused("QuotaExceeded.Target", Kind.ELSEWHERE, "full", None)
    closed = replace(UNGROWN, closed=MappingProxyType({"lb-1": refused}))

    assert [one.number for one in creations(view(seen))] == [0]
    assert [one.number for one in creations(view(seen, closed))] == [1]


def test_a_session_that_was_made_just_now_counts_although_no_list_shows_it() -> None:
    seen = {f"tms-made-{number}": renamed(number) for number in range(7)}
    just_now = UNGROWN.noting(0, Number(session_id="tms-new"))

    assert view(seen).free_numbers("big") == [0]
    assert view(seen, just_now).free_numbers("big") == []


def test_what_the_service_said_of_the_target_comes_before_what_other_sessions_are() -> None:
    refused = Refused("ResourceNotFound.TargetInstance", Kind.ELSEWHERE, "not there", None)
    closed = MappingProxyType({"lb-1": refused, "lb-2": refused})
    idle = {"tms-made-0": replace(made(0, sources=0), enabled=False)}

    (told,) = plan([want(1)], view(idle, replace(UNGROWN, closed=closed)))

    assert isinstance(told, Finish)
    assert told.reason == "ResourceNotFound.TargetInstance"
