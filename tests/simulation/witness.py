"""What a run must never do, seen at its calls: the rules that its author cannot test by outcomes.

They are the ones of `tokens.py` and of the design: one change at a time for each session, the same
token after an unknown outcome and another after a definite refusal, a token for each cause; and of
a session that a pool makes, a token of its number first, then one for each cause as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evermirror.model import Place
from evermirror.tokens import creation_token
from localcloud.credentials import Key
from localcloud.world.world import World
from tests.worlds import ACCOUNT, REGION

from .audit import BOUND_S, ON_THE_WAY_S, Audit, Terms, pool_tag
from .batches import Batches
from .deeds import Deeds
from .findings import Finding
from .knowledge import is_held
from .network import call_of
from .replays import Replays
from .rivals import Rival
from .scene import ADD, CREATE, LIST, REMOVE, UPDATE
from .sights import History
from .truth import wish

CHANGES = frozenset({ADD, REMOVE, UPDATE, CREATE})
PLACE = Place(ACCOUNT, REGION)
STILL_RUNNING = ("LastTokenProcessing", "IdempotentProcessing")
NOT_SPENT = (
    *("Throttling", "ServiceUnavailable", "IncorrectBusinessStatus", "OptInRequired"),
    *("IdempotentParameterMismatch", "IllegalParam.Priority"),
)
"""Codes that leave the token of a session's number as it was: the service refuses everybody, or
somebody else holds the number, whose session may still come to light."""

FILTERS = "ListTrafficMirrorFilters"
OF_FILTERS = frozenset({"filter_accepts_nothing"})

LOOKS_AT_LEAST_EVERY_S, LISTS_AT_LEAST_EVERY_S = 2.0, 0.5


@dataclass(slots=True)
class Witness:
    """Of a whole storm: which causes a token was used for, and what was ever accepted."""

    world: World
    history: History
    audit: Audit
    deeds: Deeds
    now: Callable[[], float]
    rival: Rival
    broken: list[Finding] = field(default_factory=list)
    accepted: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    _causes_of: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)

    def used(self, token: str, causes: frozenset[tuple[str, str]], action: str) -> None:
        """A token was sent for these causes; a new cause is a new wish, so a new token."""
        before = self._causes_of.setdefault(token, causes)
        if not before & causes:
            self.tell(f"{action}: one token for {sorted(before)} and {sorted(causes)}")

    def tell(self, sentence: str, kind: str = "token") -> None:
        self.broken.append(Finding(kind, sentence))


class RunWitness:
    """Of one run: it knows the causes that the run was given. `batches` judges a run of mirror."""

    def __init__(
        self,
        storm: Witness,
        key: Key,
        terms: Terms,
        causes: Iterable[tuple[str, str]] = (),
        batches: Batches | None = None,
    ) -> None:
        self._storm = storm
        self._key = key
        self._terms = terms
        self._causes = frozenset(causes)
        # A number's token stands for whoever would come first: each part of a run may begin anew.
        self._refused: set[tuple[str, tuple[str, ...]]] = set()
        self._open: set[str] = set()
        self._unknown: dict[tuple[str, ...], tuple[str, str]] = {}
        self._before = (0, 0)
        self._batches = batches
        self._replays = Replays(storm.history, terms)
        self._absent_since: dict[tuple[str, ...], float] = {}
        self._filters_cut = False

    def ended(self, outcomes: Iterable[Mapping[str, Any]]) -> None:
        """The run ended well, with these outcomes."""
        for sentence in self._replays.left_by(outcomes):
            self._storm.tell(sentence, "replay")

    def sent(self, action: str, parameters: Mapping[str, str]) -> None:
        if action not in CHANGES or parameters.get("DryRun") == "true":
            return
        storm, token = self._storm, parameters["ClientToken"]
        if action != CREATE or token != _number_token(self._terms, parameters):
            storm.used(token, self._causes, action)
        if (token, call_of(parameters, "TrafficMirrorSourceIds")) in self._refused:
            storm.tell(f"{action}: the refused token {token} was sent again")
        session = parameters.get("TrafficMirrorSessionId", token)
        if session in self._open:
            storm.tell(f"{action}: two calls at once for {session}")
        self._open.add(session)
        sources = call_of(parameters, "TrafficMirrorSourceIds")
        if action == ADD:
            self._hold_against_unknown(session, token, sources)
        if action == ADD and self._batches is not None:
            for sentence in self._batches.sent(session, sources, token, storm.now()):
                storm.tell(sentence, "small")
        self._replays.sent(sources)
        storm.rival.before(action, parameters)

    def arrives(self, action: str, parameters: Mapping[str, str]) -> None:
        storm = self._storm
        at_most_every_s = LISTS_AT_LEAST_EVERY_S if action == LIST else LOOKS_AT_LEAST_EVERY_S
        storm.history.note(storm.now(), at_most_every_s=at_most_every_s)
        if action in CHANGES:
            storm.world.settle(storm.now())
            self._before = _mark(storm.world, parameters)

    def handled(self, action: str, parameters: Mapping[str, str], status: int | None) -> None:
        """The cloud did it, whether or not the run will hear of it."""
        if action not in CHANGES or parameters.get("DryRun") == "true":
            return
        storm = self._storm
        is_new = _mark(storm.world, parameters) != self._before
        if is_new:
            storm.history.note(storm.now())
            sources = call_of(parameters, "TrafficMirrorSourceIds")
            storm.audit.accepted(self._terms, action, parameters, sources, self._unseen)
        if is_new or status == 200:
            storm.deeds.note(storm.now(), self._key, action, parameters, replay=not is_new)

    def answered(
        self, action: str, parameters: Mapping[str, str], status: int, body: bytes
    ) -> None:
        if action not in CHANGES:
            self._listed(action, body, status)
            self._note_filters(action, is_read=status == 200)
            return
        token = parameters["ClientToken"]
        session = parameters.get("TrafficMirrorSessionId", token)
        self._open.discard(session)
        sources = call_of(parameters, "TrafficMirrorSourceIds")
        if status < 500:
            self._unknown.pop(sources, None)
        else:
            self._remember_unknown(action, sources, session, token)
        if status == 200:
            self._storm.accepted.append((action, session, sources))
        elif status < 500 and not _spends_nothing(action, body):
            self._refused.add((token, sources))
        if action == ADD:
            self._take_in(session, sources, status, body)

    def _take_in(self, session: str, sources: tuple[str, ...], status: int, body: bytes) -> None:
        now, batches = self._storm.now(), self._batches
        if status == 200:
            self._replays.answered(session, sources, now)
            if batches is not None:
                batches.accepted(session, sources)
        elif batches is not None:
            batches.refused(str(json.loads(body).get("Code", "")), session, sources, now)

    def unanswered(self, action: str, parameters: Mapping[str, str]) -> None:
        if action not in CHANGES:
            self._note_filters(action, is_read=False)
            return
        token = parameters["ClientToken"]
        session = parameters.get("TrafficMirrorSessionId", token)
        self._open.discard(session)
        sources = call_of(parameters, "TrafficMirrorSourceIds")
        self._remember_unknown(action, sources, session, token)

    def _note_filters(self, action: str, *, is_read: bool) -> None:
        if action == FILTERS:
            self._filters_cut = not is_read

    @property
    def _unseen(self) -> frozenset[str]:
        """Where filters cannot be read, mirror places all the same: README says so."""
        return OF_FILTERS if self._filters_cut else frozenset()

    def _hold_against_unknown(self, session: str, token: str, sources: tuple[str, ...]) -> None:
        """After an unknown outcome the same call is sent again, and no other."""
        pending = self._unknown.get(sources, (session, token))
        if pending != (session, token) and not self._has_left(pending[0], sources):
            self._storm.tell(f"unknown as {pending}, then asked as {(session, token)}")

    def _has_left(self, session_id: str, sources: tuple[str, ...]) -> bool:
        """Whether the session was seen outside the pool of a source: what it holds is no double."""
        edition = self._terms.edition
        return any(
            pool is None or not is_held(pool, session_id, [sight])
            for sight in self._storm.history.since(self._storm.now() - self._terms.oldest_s)
            for pool in (wish(edition, sight, one).pool for one in sources)
        )

    def _remember_unknown(
        self, action: str, sources: tuple[str, ...], session: str, token: str
    ) -> None:
        if action == ADD:
            self._unknown[sources] = (session, token)
            self._absent_since.pop(sources, None)

    def _listed(self, action: str, body: bytes, status: int) -> None:
        """A source that is seen in a session is in doubt no more."""
        if action == LIST and status == 200:
            self._replays.looked(self._storm.now())
        if action != LIST or status != 200 or not self._unknown:
            return
        for session in json.loads(body)["TrafficMirrorSessions"]:
            listed = set(session["TrafficMirrorSourceIds"])
            is_settled = session["TrafficMirrorSessionStatus"] == "Created"
            for sources, (session_id, _) in list(self._unknown.items()):
                if listed.intersection(sources):
                    del self._unknown[sources]
                elif is_settled and session["TrafficMirrorSessionId"] == session_id:
                    self._note_absence(sources)

    def _note_absence(self, sources: tuple[str, ...]) -> None:
        """Nor is one that its session, settled, has not shown for longer than a List is stale."""
        since = self._absent_since.setdefault(sources, self._storm.now())
        if self._storm.now() - since >= BOUND_S - ON_THE_WAY_S:
            del self._unknown[sources]


def _mark(world: World, parameters: Mapping[str, str]) -> tuple[int, int]:
    """Changes when a call is accepted that was not accepted before."""
    session = world.sessions.find(parameters.get("TrafficMirrorSessionId", ""))
    return len(world.sessions.ids), id(None if session is None else session.change)


def _number_token(terms: Terms, parameters: Mapping[str, str]) -> str:
    """What stands for the number that a Create would make, whoever asks for it."""
    name = parameters.get(pool_tag(parameters), "")
    grow = next((pool.grow for pool in terms.edition.pools if pool.name == name), None)
    number = int(parameters["Priority"]) - (0 if grow is None else grow.first)
    return creation_token(PLACE, name, number)


def _spends_nothing(action: str, body: bytes) -> bool:
    """Whether a refusal leaves the token as it was."""
    code = str(json.loads(body).get("Code", ""))
    words = (*STILL_RUNNING, *(NOT_SPENT if action == CREATE else ()))
    return any(word in code for word in words)
