"""What the planner decides, and above all what it never decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.aliyun.refusals import refused
from evermirror.engine.actions import Add, Finish, Grow, Wait
from evermirror.engine.plan import plan
from evermirror.engine.state import Call, Observation, Progress, Standing, Want
from evermirror.engine.view import View
from evermirror.model import Cause, Intent, NetworkInterface, Place, Session, Verdict
from evermirror.placement.limits import Limits
from evermirror.placement.rendezvous import order
from evermirror.policy import Policy
from evermirror.policy.decision import Pool
from evermirror.results import Refused

NOW = 1_800_000_000.0
PLACE = Place("1234567890123456", "cn-hongkong")
SESSION_IDS = tuple(f"tms-j6c{number:017}" for number in range(4))
LIMIT = 3


def eni(number: int) -> str:
    return f"eni-j6c{number:015}"


def want(number: int, *, dry_run: bool = False) -> Want:
    cause = Cause("acs.ecs", f"event-{number}")
    intent = Intent(cause, network_interface_id=eni(number), first_seen=NOW, dry_run=dry_run)
    return Want(eni(number), (intent,))


def refusal(code: str) -> Refused:
    return refused("AddSourcesToTrafficMirrorSession", 400, code, "", "r")


def full() -> Refused:
    return refusal("QuotaExceeded.SourceNumPerSession")


def view(
    sessions: Mapping[str, Session],
    numbers: range = range(6),
    progress: Mapping[str, Progress] | None = None,
    limits: Limits | None = None,
    *,
    acting: bool = True,
) -> View:
    return View(
        place=PLACE,
        policy=Policy(pools={"all": Pool("all", SESSION_IDS)}, default="all"),
        limits=limits or Limits(sources_per_session=LIMIT),
        observation=Observation(
            at=NOW,
            interfaces={eni(n): NetworkInterface(eni(n), "InUse") for n in numbers},
            instances={},
            sessions=sessions,
        ),
        progress=progress or {},
        acting=acting,
    )


def created(sources: int = 0) -> dict[str, Session]:
    return {
        session_id: Session(
            session_id, "Created", tuple(eni(10**6 + n) for n in range(sources)), created_at=0.0
        )
        for session_id in SESSION_IDS
    }


statuses = st.sampled_from(["Created", "Modifying", "Creating", "Deleting"])


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Session]:
    sessions = {}
    for session_id in SESSION_IDS:
        if draw(st.booleans()) or draw(st.booleans()):
            count = draw(st.integers(0, LIMIT))
            sources = tuple(eni(10**6 + n) for n in range(count))
            sessions[session_id] = Session(session_id, draw(statuses), sources, created_at=0.0)
    return sessions


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Progress]:
    histories = {}
    for number in range(6):
        refused = {i: full() for i in SESSION_IDS if draw(st.booleans())}
        bound = draw(st.sampled_from([None, *SESSION_IDS]))
        standing = draw(st.sampled_from([Standing.UNKNOWN, Standing.ACCEPTED]))
        histories[eni(number)] = Progress(
            standing=standing if bound else Standing.FREE,
            session_id=bound,
            call=Call(bound, (eni(number),), "t") if bound and draw(st.booleans()) else None,
            refused=MappingProxyType(refused),
        )
    return histories


@given(worlds(), histories())
def test_placement_never_passes_doubt(
    sessions: dict[str, Session], progress: dict[str, Progress]
) -> None:
    seen = view(sessions, progress=progress)

    for action in plan([want(n) for n in range(6)], seen):
        if not isinstance(action, Add):
            continue
        (interface,) = action.call.network_interface_ids
        known = progress[interface]
        if known.session_id is not None:
            assert action.call.session_id == known.session_id
            continue
        tried = order(interface, SESSION_IDS, sessions, NOW)
        for passed in tried[: tried.index(action.call.session_id)]:
            session = sessions.get(passed)
            seen_full = (
                session is not None
                and session.status == "Created"
                and len(session.source_ids) >= LIMIT
            )
            assert passed in known.refused or seen_full


@given(worlds(), histories(), st.frozensets(st.sampled_from(SESSION_IDS)))
def test_nobody_is_placed_while_another_session_of_the_pool_is_in_doubt(
    sessions: dict[str, Session], progress: dict[str, Progress], ours: frozenset[str]
) -> None:
    changing = {session_id: frozenset({eni(99)}) for session_id in ours}
    seen = replace(view(sessions, progress=progress), changing=changing)

    placed = [
        action
        for action in plan([want(n) for n in range(6)], seen)
        if isinstance(action, Add)
        and progress[action.call.network_interface_ids[0]].session_id is None
    ]

    in_doubt = {s.id for s in sessions.values() if s.status != "Created"} - ours
    assert not (placed and in_doubt)


@given(worlds(), histories())
def test_a_session_gets_one_change_at_a_time_and_none_while_it_settles(
    sessions: dict[str, Session], progress: dict[str, Progress]
) -> None:
    adds = [
        action.call.session_id
        for action in plan([want(n) for n in range(6)], view(sessions, progress=progress))
        if isinstance(action, Add)
    ]

    assert len(adds) == len(set(adds))
    for session_id in adds:
        assert session_id not in sessions or sessions[session_id].status == "Created"


@given(worlds(), histories(), st.permutations(range(6)))
def test_a_plan_does_not_depend_on_the_order_of_arrival(
    sessions: dict[str, Session], progress: dict[str, Progress], shuffled: list[int]
) -> None:
    seen = view(sessions, progress=progress)

    assert plan([want(n) for n in shuffled], seen) == plan([want(n) for n in range(6)], seen)


@given(worlds(), histories())
def test_every_interface_gets_exactly_one_action(
    sessions: dict[str, Session], progress: dict[str, Progress]
) -> None:
    named: list[str] = []
    for action in plan([want(n) for n in range(6)], view(sessions, progress=progress)):
        if isinstance(action, Add):
            named.extend(action.call.network_interface_ids)
        elif isinstance(action, Grow):
            named.extend(i for one in action.creations for i in one.network_interface_ids)
        elif isinstance(action, Wait):
            named.append(action.network_interface_id)
        else:
            named.append(action.want.network_interface_id)

    assert sorted(named) == [eni(n) for n in range(6)]


@given(worlds(), histories())
def test_observing_changes_nothing(
    sessions: dict[str, Session], progress: dict[str, Progress]
) -> None:
    untouched = {i: Progress(refused=p.refused) for i, p in progress.items()}
    actions = plan([want(n) for n in range(6)], view(sessions, progress=untouched, acting=False))

    assert all(isinstance(action, Finish) for action in actions)


@given(worlds(), histories())
def test_a_dry_run_changes_nothing(
    sessions: dict[str, Session], progress: dict[str, Progress]
) -> None:
    untouched = {i: Progress(refused=p.refused) for i, p in progress.items()}
    actions = plan([want(n, dry_run=True) for n in range(6)], view(sessions, progress=untouched))

    assert all(isinstance(action, Finish) for action in actions)


def test_a_call_carries_as_many_sources_as_the_setting_and_the_session_allow() -> None:
    sessions = {i: s for i, s in created(sources=1).items() if i == SESSION_IDS[0]}
    limits = Limits(sources_per_session=LIMIT, sources_per_call=10)
    policy = Policy(pools={"all": Pool("all", SESSION_IDS[:1])}, default="all")
    seen = view(sessions, limits=limits)
    seen = View(PLACE, policy, limits, seen.observation, {})

    actions = plan([want(n) for n in range(6)], seen)

    (add,) = [action for action in actions if isinstance(action, Add)]
    assert len(add.call.network_interface_ids) == LIMIT - 1
    assert len([action for action in actions if isinstance(action, Wait)]) == 6 - (LIMIT - 1)


def test_an_interface_that_was_refused_in_company_is_asked_for_alone() -> None:
    limits = Limits(sources_per_session=LIMIT, sources_per_call=10)
    progress = {eni(n): Progress(alone=True) for n in range(6)}

    for action in plan([want(n) for n in range(6)], view(created(), range(6), progress, limits)):
        if isinstance(action, Add):
            assert len(action.call.network_interface_ids) == 1


def test_after_an_unknown_outcome_the_very_same_call_is_sent_again() -> None:
    call = Call(SESSION_IDS[2], (eni(0),), "em1-sent-before")
    progress = {eni(0): Progress(standing=Standing.UNKNOWN, session_id=call.session_id, call=call)}

    assert plan([want(0)], view(created(), progress=progress)) == (Add(call),)


def test_an_accepted_change_is_waited_for_not_repeated() -> None:
    progress = {eni(0): Progress(standing=Standing.ACCEPTED, session_id=SESSION_IDS[2])}

    (action,) = plan([want(0)], view(created(), progress=progress))

    assert isinstance(action, Wait)


def test_after_three_changes_without_effect_an_interface_is_unconfirmed() -> None:
    progress = {
        eni(0): Progress(
            standing=Standing.UNKNOWN, session_id=SESSION_IDS[2], without_effect=3, changed=True
        )
    }

    (action,) = plan([want(0)], view(created(), progress=progress))

    assert isinstance(action, Finish)
    assert (action.verdict, action.session_id) == (Verdict.UNCONFIRMED, SESSION_IDS[2])


def test_a_full_pool_is_told_with_what_to_do() -> None:
    (action,) = plan([want(0)], view(created(sources=LIMIT)))

    assert isinstance(action, Finish)
    assert (action.verdict, action.reason) == (Verdict.DEFERRED, "pool_full")
    assert action.remedy


def test_the_ceiling_counts_what_is_listed_and_what_is_on_its_way() -> None:
    limits = Limits(sources_per_session=LIMIT, max_sources=6)
    progress = {eni(9): Progress(standing=Standing.ACCEPTED, session_id=SESSION_IDS[0])}
    sessions = created(sources=1)

    actions = plan([want(n) for n in range(6)], view(sessions, range(10), progress, limits))

    added = [action for action in actions if isinstance(action, Add)]
    over = [action for action in actions if isinstance(action, Wait)]
    assert len(added) == 6 - 4 - 1
    # Whoever has the last room may yet be refused, and then there is room again.
    assert len(added) + len(over) == 6


def test_an_interface_is_over_the_ceiling_when_that_is_reached_by_what_is_listed() -> None:
    limits = Limits(sources_per_session=LIMIT, max_sources=4)

    (action,) = plan([want(0)], view(created(sources=1), range(10), {}, limits))

    assert isinstance(action, Finish)
    assert (action.verdict, action.reason) == (Verdict.DEFERRED, "ceiling_reached")


def test_a_mirror_target_and_its_instance_are_never_sources() -> None:
    sessions = created()
    sessions[SESSION_IDS[0]] = Session(SESSION_IDS[0], "Created", target_id=eni(0), created_at=0.0)

    (action,) = plan([want(0)], view(sessions))

    assert isinstance(action, Finish)
    assert (action.verdict, action.reason) == (Verdict.SKIPPED, "target_instance")


THREE = "QuotaExceeded.NetworkInterfaceRelatedSession"
GONE = "ResourceNotFound.TrafficMirrorSession"


@pytest.mark.parametrize(
    ("refusals", "verdict", "reason"),
    [
        ([], Verdict.DEFERRED, "pool_full"),
        ([THREE], Verdict.DEFERRED, THREE),
        ([THREE] * 3, Verdict.DEFERRED, THREE),
        ([THREE] * 3 + ["QuotaExceeded.SourceNumPerTarget"], Verdict.DEFERRED, "pool_full"),
        ([THREE] * 3 + [GONE], Verdict.DEFERRED, GONE),
        ([THREE] * 4, Verdict.REJECTED, THREE),
    ],
    ids=["all full", "one refused", "one full", "a target full", "one gone", "all refused"],
)
def test_only_what_every_session_refuses_for_good_is_rejected_and_a_full_pool_never_is(
    refusals: list[str], verdict: Verdict, reason: str
) -> None:
    by_session = dict(zip(SESSION_IDS, map(refusal, refusals), strict=False))
    progress = {eni(1): Progress(refused=MappingProxyType(by_session))}

    (action,) = plan([want(1)], view(created(sources=LIMIT), progress=progress))

    assert isinstance(action, Finish)
    assert (action.verdict, action.reason) == (verdict, reason)
    assert action.remedy


@pytest.mark.parametrize(("later_s", "waits"), [(1.0, True), (11.0, False)])
def test_a_session_that_says_it_is_full_is_not_passed_for_mirroring_nothing(
    later_s: float, waits: bool
) -> None:
    """A List that shows a seat still and an unpaid bill already does not say what filled it."""
    sessions = {i: replace(one, business_status="FinancialLocked") for i, one in created().items()}
    first = next(iter(order(eni(0), SESSION_IDS, sessions, NOW)))
    progress = Progress(
        refused=MappingProxyType({first: full()}), refused_at={first: NOW - later_s}
    )

    (action,) = plan([want(0)], view(sessions, progress={eni(0): progress}))

    assert isinstance(action, Wait) is waits
    assert waits or (isinstance(action, Finish) and action.reason == "no_session_mirrors")
