"""Several clients at once, drawn from a seed, against one local cloud and a book kept beside it.

Calls interleave with time that passes, answers that are lost, worlds that are saved and taken up
again, and a return to the beginning. After every step the local cloud must be what the book says.
"""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.calls import flat, signed_call, signed_in_version_1
from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.credentials import Key
from localcloud.world.fleet import parse_fleet, read_fleet
from tests.unit.localcloud.crowd.acceptance import SETTLE_S, Acceptance
from tests.unit.localcloud.crowd.book import Book, Doing
from tests.unit.localcloud.crowd.calls import Call, Draw
from tests.unit.localcloud.crowd.fleet import LIMITS, fleet_of
from tests.unit.localcloud.crowd.lists import check_pages
from tests.unit.localcloud.crowd.reasons import REASONS

START = 1_800_000_000.0
CLIENTS = ("local-access-key-id", "other", "careful")
_FAILING: dict[str, Any] = {"background_failure": True}
LOSING: tuple[dict[str, Any], ...] = ({"reset": "after"}, {"truncate": 5})
PREVENTING: tuple[dict[str, Any], ...] = (
    {"reset": "before"},
    {"body": "odd", "status": 502},
    {"throttle": True},
    {"error": "SystemBusy"},
)


@dataclass(frozen=True)
class Said:
    """An answer; `status` None where the client got none that it can read."""

    status: int | None
    body: Mapping[str, Any]

    @property
    def code(self) -> str | None:
        code: str | None = self.body.get("Code")
        return code


@dataclass
class Kept:
    """What a token should be remembered for."""

    parameters: Mapping[str, str]
    said: Said
    at: float


class Crowd:
    """The clients, the local cloud and the book."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        fleet = fleet_of(self.random)
        self.clock = SteppedClock(START)
        self.cloud = LocalCloud(read_fleet(fleet), self.clock, self.clock.now)
        self.behaviour: Mapping[str, Any] = fleet["behaviour"]
        self.counts: dict[str, int] = {}
        self._beginning = self.state()
        self._nonces = 0
        self._earlier: deque[tuple[Call, str | None]] = deque(maxlen=6)
        self._open_book(self._beginning)

    def _open_book(self, state: Mapping[str, Any]) -> None:
        self.book = Book(state)
        self.ledger: dict[tuple[str, str], Kept] = {}
        self._draw = Draw(self.book, self.random)
        touching = self.behaviour["rule_changes_modify_sessions"]
        self._acceptance = Acceptance(self.book, rules_touch_sessions=touching)

    def state(self) -> dict[str, Any]:
        return self.cloud.world.state(self.clock.now()).model_dump(mode="json")

    def step(self) -> None:
        """One thing that somebody does, and the check that nothing is broken by it."""
        steps: Mapping[Callable[[], None], int] = {
            self._call: 80,
            self._wait: 20,
            self._list: 8,
            self._take_up: 4,
            self._reset: 1,
        }
        (doing,) = self.random.choices(list(steps), list(steps.values()))
        doing()
        self._check()

    def _check(self) -> None:
        self.book.settle(self.clock.now())
        # Nobody listens here, and a state grows by the events that nobody has taken.
        self.cloud.world.events_due(self.clock.now())
        state = self.state()
        wrong = [*self.book.differences(state), *self.book.broken(LIMITS)]
        assert not wrong, wrong
        remembered = {(one["action"], one["token"]) for one in state["tokens"]}
        alive = {one for one, kept in self.ledger.items() if self._alive(kept)}
        assert remembered == alive, (remembered ^ alive, self.clock.now() - START)

    def _alive(self, kept: Kept) -> bool:
        return bool(self.clock.now() < kept.at + self.behaviour["token_ttl_s"])

    def _wait(self) -> None:
        self.clock.advance(self.random.choice((0.5, 1.0, 1.0, 3.0, 3.0, 10.0)))

    def _reset(self) -> None:
        self.cloud.reset()
        self._open_book({**self._beginning})
        assert self.state()["sessions"] == self._beginning["sessions"]

    def _take_up(self) -> None:
        """The state, given back as a fleet file, is the same world."""
        state = self.cloud.world.state(self.clock.now())
        self.cloud.load(parse_fleet(state.model_dump_json()))
        assert self.state() == state.model_dump(mode="json")

    def _list(self) -> None:
        shown = "held" if self.behaviour["pending_listed"] else "sources"
        check_pages(self.book, self.random, shown, self._listed)

    def _listed(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._said(CLIENTS[0], ("ListTrafficMirrorSessions", {**parameters}), None).body

    # A call, and what it comes to.

    def _call(self) -> None:
        if self._earlier and self.random.random() < 0.25:
            call, token = self.random.choice(self._earlier)
        else:
            call = self._draw.call()
            token = f"token-{self.random.randrange(40)}" if self.random.random() < 0.7 else None
            self._earlier.append((call, token))
        client = self.random.choice(CLIENTS)
        if self.random.random() < 0.1:
            self._dry_run(client, call, token)
        else:
            self._for_real(client, call, token)

    def _dry_run(self, client: str, call: Call, token: str | None) -> None:
        said = self._said(client, call, token, DryRun=True)
        assert said.status in {400, 403}
        self._tell(call, said)

    def _for_real(self, client: str, call: Call, token: str | None) -> None:
        fault = self._fault(token)
        self.cloud.faults.replace([{"action": "*", "do": fault}] if fault else [])
        begun = self.clock.now()
        said = self._said(client, call, token)
        self.cloud.faults.replace([])
        if fault in PREVENTING:
            assert said.status != 200
            return
        if said.status is None:
            settled = self.cloud.journal.entries[-1].status == 200
            said = self._asked_again(client, call, token)
            if not settled and not self.behaviour["remember_failures"]:
                begun = self.clock.now()
        # Judged by what there was when it was begun: `_check` lets the book catch up.
        self.book.settle(begun)
        self._judge(client, call, token, said, Doing(begun + SETTLE_S, fault == _FAILING))

    def _fault(self, token: str | None) -> dict[str, Any] | None:
        drawn = self.random.random()
        if drawn < 0.06:
            return _FAILING
        if drawn < 0.12:
            return self.random.choice(PREVENTING)
        # Without a token nobody can find out what came of it, the book as little as a client.
        return self.random.choice(LOSING) if drawn < 0.2 and token is not None else None

    def _asked_again(self, client: str, call: Call, token: str | None) -> Said:
        """What a client does that got no answer: the same again, until it knows."""
        said = self._said(client, call, token)
        while said.code == "OperationFailed.LastTokenProcessing":
            self.clock.advance(1.0)
            said = self._said(client, call, token)
        return said

    def _judge(self, client: str, call: Call, token: str | None, said: Said, doing: Doing) -> None:
        action, parameters = call
        if client == "careful" and action.startswith("Delete"):
            assert said.code == "Forbidden.RAM"
            return
        if token is not None and self._known(action, token, parameters, said):
            return
        self._tell(call, said)
        if said.status == 200:
            answer = self._with_rules(action, said.body)
            self._acceptance.write(action, parameters, answer, doing)
        if token is not None and (said.status == 200 or self.behaviour["remember_failures"]):
            at = doing.due - SETTLE_S
            self.ledger[action, token] = Kept(flat(parameters), said, at)

    def _known(self, action: str, token: str, parameters: Mapping[str, Any], said: Said) -> bool:
        """Whether the token was used; if it was, the answer must be the one it has earned."""
        kept = self.ledger.get((action, token))
        if kept is None or not self._alive(kept):
            return False
        if kept.parameters != flat(parameters):
            assert said.code == "IdempotentParameterMismatch"
        elif self.clock.now() < kept.at + self.behaviour["token_in_flight_s"]:
            assert said.code == "OperationFailed.LastTokenProcessing"
        else:
            assert said == kept.said
        self.counts["replayed"] = self.counts.get("replayed", 0) + 1
        return True

    def _tell(self, call: Call, said: Said) -> None:
        """Note what was said, and hold a refusal to its reason."""
        action, parameters = call
        word = said.code or action
        self.counts[word] = self.counts.get(word, 0) + 1
        reason = REASONS.get(said.code or "")
        assert reason is None or reason(self.book, parameters, LIMITS), (call, said.code)

    def _with_rules(self, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if action != "CreateTrafficMirrorFilter":
            return dict(body)
        made = body["TrafficMirrorFilterId"]
        (shown,) = (one for one in self.state()["filters"] if one["id"] == made)
        return {**body, "rule_ids": [rule["id"] for rule in shown["rules"]]}

    def _said(self, client: str, call: Call, token: str | None, **more: Any) -> Said:
        action, parameters = call
        sent = {**parameters, **more, **({"ClientToken": token} if token is not None else {})}
        self._nonces += 1
        key = Key(client, "local-access-key-secret" if client == CLIENTS[0] else "secret")
        sign = signed_in_version_1 if client == "other" else signed_call
        json_wanted = {"common": {"Format": "JSON"}} if client == "other" else {}
        request = sign(action, sent, self.clock.now(), f"n{self._nonces}", key, **json_wanted)
        response = self.cloud.gateway.handle(request, self.clock.now()).response
        if response is None or response.truncate is not None or response.status == 502:
            return Said(None if response is None or response.truncate else 502, {})
        return Said(response.status, json.loads(response.body))
