"""Whatever is called in whatever order, the rules hold; whatever is sent, there is an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.api.table import ALL
from localcloud.calls import authorized, body_of
from localcloud.credentials import FIXED_KEY
from localcloud.messages import Request
from localcloud.refusals import CATALOGUE

DeskOf = Callable[..., Any]
RELAXED = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
INTERFACES = [f"eni-j6c{number:015d}" for number in range(1, 8)]
SESSIONS = [f"tms-j6c{number:017d}" for number in range(1, 5)]
LIMITS = {"sources_per_session": 3, "sessions_per_source": 2, "sources_per_slb_target": 8}

STEPS = st.one_of(
    st.tuples(
        st.just("add"),
        st.sampled_from(INTERFACES),
        st.sampled_from(SESSIONS),
        st.sampled_from(["", "t1", "t2", "t3"]),
        st.booleans(),
    ),
    st.tuples(st.just("advance"), st.floats(0, 4)),
    st.tuples(st.just("fault"), st.sampled_from(["background_failure", "error", "throttle"])),
)
STRUCK = {"Throttling.User", "SystemBusy"}
FAULTS: dict[str, Any] = {"background_failure": True, "error": "SystemBusy", "throttle": True}


class Watched:
    """A desk whose world is checked after every step against what was answered before."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.answers: dict[str, tuple[str, str, str]] = {}

    def add(self, source: str, session: str, token: str, dry_run: bool) -> None:
        before = self.desk.state()["sessions"]
        more = {"ClientToken": token} if token else {}
        said = self.desk.add(source, session, DryRun=dry_run, **more)
        unchanged = self.desk.state()["sessions"] == before
        if said.status == 200:
            answer = (source, session, said.body["RequestId"])
            assert unchanged == (token in self.answers)
            assert self.answers.get(token, answer) == answer
            if token:
                self.answers[token] = answer
        elif said.status == 400:
            assert unchanged
            if token in self.answers and not dry_run and said.code not in STRUCK:
                assert said.code == "IdempotentParameterMismatch"
                assert self.answers[token][:2] != (source, session)

    def fault(self, kind: str) -> None:
        do = {kind: FAULTS[kind]}
        self.desk.cloud.faults.replace([{"action": "Add*", "when": {"next": 1}, "do": do}])

    def check(self) -> None:
        sessions = self.desk.state()["sessions"]
        claims: dict[str, int] = {}
        for session in sessions:
            change = session["change"] or {"add": []}
            assert (session["status"] == "Modifying") == bool(change["add"])
            held = [*session["sources"], *change["add"]]
            assert len(held) == len(set(held)) <= LIMITS["sources_per_session"]
            for source in held:
                claims[source] = claims.get(source, 0) + 1
        assert all(count <= LIMITS["sessions_per_source"] for count in claims.values())
        assert sum(claims.values()) <= LIMITS["sources_per_slb_target"]
        for source in INTERFACES:
            expected = {one["id"] for one in sessions if source in one["sources"]}
            shown = self.desk.list_sessions(TrafficMirrorSourceId=source).body
            found = {one["TrafficMirrorSessionId"] for one in shown["TrafficMirrorSessions"]}
            assert found == expected


@RELAXED
@given(steps=st.lists(STEPS, max_size=40))
def test_no_sequence_of_calls_breaks_a_rule(desk_of: DeskOf, steps: list[Any]) -> None:
    watched = Watched(desk_of(limits={**LIMITS, "requests_per_minute": None}))
    for name, *arguments in steps:
        if name == "advance":
            watched.desk.advance(*arguments)
        else:
            getattr(watched, name)(*arguments)
        watched.check()


NAMES = st.sampled_from(
    [
        *("RegionId", "MaxResults", "NextToken", "ClientToken", "DryRun", "InstanceIds", "Status"),
        *("TrafficMirrorSessionId", "TrafficMirrorSourceIds", "TrafficMirrorSourceIds.1"),
        *("TrafficMirrorSessionIds.1", "Tag", "Tag.1.Key", "Tags.1", "Tags.1.Value", "Tags.."),
        *(".", "A.B.C.D.E.F"),
    ]
)
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["cn-hongkong", "True", "-1", "9" * 30, "[]", "[" * 999, "x" * 300, "\x00"]),
)
ACTIONS = st.sampled_from([*(one.name for one in ALL), "Nothing", ""])
VERSIONS = st.sampled_from(["2016-04-28", "2014-05-26", "1999-01-01", ""])
PARAMETERS = st.lists(st.tuples(st.one_of(NAMES, st.text(max_size=8)), VALUES), max_size=8)
LATIN = st.characters(min_codepoint=32, max_codepoint=255)
SIGNING_HEADERS = st.sampled_from(
    ["host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "x-acs-security-token"]
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests that are properly signed, and otherwise anything."""
    body = draw(st.binary(max_size=50))
    headers = {
        "host": "a",
        "x-acs-action": draw(ACTIONS),
        "x-acs-version": draw(VERSIONS),
        "x-acs-date": "2027-01-15T08:00:00Z",
        "x-acs-signature-nonce": "n",
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "content-type": "application/x-www-form-urlencoded",
    }
    method = draw(st.sampled_from(["GET", "POST", "PUT"]))
    unsigned = Request(method, "/", tuple(draw(PARAMETERS)), headers, body)
    return authorized(unsigned, FIXED_KEY)


def answered(desk: Any, request: Request) -> None:
    response = desk.cloud.gateway.handle(request, desk.clock.now()).response
    body = body_of(response.body)
    assert response.status < 500
    if response.status != 200:
        code = body["Code"]
        assert code in CATALOGUE or code.startswith(("Missing", "IllegalParam."))
        assert response.status in {400, 403, 404}


@RELAXED
@given(request_=requests())
def test_no_request_is_too_strange_for_a_documented_error(
    desk_of: DeskOf, request_: Request
) -> None:
    answered(desk_of(limits={"requests_per_minute": None}), request_)


@RELAXED
@given(
    authorization=st.one_of(
        st.text(LATIN, max_size=80),
        st.from_regex(
            r"ACS3-HMAC-SHA256 Credential=[a-z-]{0,22},SignedHeaders=[a-z;-]{0,20},"
            r"Signature=[0-9a-f]{60,64}",
            fullmatch=True,
        ),
    ),
    headers=st.dictionaries(SIGNING_HEADERS, st.text(LATIN, max_size=30)),
)
def test_no_signature_is_too_strange_for_a_documented_error(
    desk_of: DeskOf, authorization: str, headers: dict[str, str]
) -> None:
    named = {"x-acs-action": "ListTrafficMirrorSessions", "x-acs-version": "2016-04-28"}
    everything = {**named, **headers, "authorization": authorization}
    answered(desk_of(), Request("POST", "/", (), everything))
