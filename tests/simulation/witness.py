"""What a run must never do, seen at its calls: the rules that its author cannot test by outcomes.

They are the ones of `tokens.py` and of the design: one change at a time for each session, the same
token after an unknown outcome and another after a definite refusal, a token for each cause.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from .network import call_of

CHANGES = frozenset(
    {
        "AddSourcesToTrafficMirrorSession",
        "RemoveSourcesFromTrafficMirrorSession",
        "UpdateTrafficMirrorSessionAttribute",
        "CreateTrafficMirrorSession",
    }
)
ADD = "AddSourcesToTrafficMirrorSession"
CREATE = "CreateTrafficMirrorSession"
STILL_RUNNING = ("LastTokenProcessing", "IdempotentProcessing")


class Witness:
    """Of a whole storm: which causes a token was used for, and what was ever accepted."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.accepted: list[tuple[str, str, tuple[str, ...]]] = []
        self._causes_of: dict[str, frozenset[tuple[str, str]]] = {}

    def used(self, token: str, causes: frozenset[tuple[str, str]], action: str) -> None:
        """A token was sent for these causes; a new cause is a new wish, so a new token."""
        if action == CREATE:  # the number of the session is what its token stands for
            return
        before = self._causes_of.setdefault(token, causes)
        if not before & causes:
            self.broken.append(f"{action}: one token for {sorted(before)} and {sorted(causes)}")


class RunWitness:
    """Of one run: it knows the causes that the run was given, by interface."""

    def __init__(self, storm: Witness, causes: Iterable[tuple[str, str]]) -> None:
        self._storm = storm
        self._causes = frozenset(causes)
        self._refused: set[str] = set()
        self._open: set[str] = set()
        self._unknown: dict[tuple[str, ...], tuple[str, str]] = {}

    def sent(self, action: str, parameters: Mapping[str, str]) -> None:
        if action not in CHANGES or parameters.get("DryRun") == "true":
            return
        token = parameters["ClientToken"]
        self._storm.used(token, self._causes, action)
        if token in self._refused:
            self._storm.broken.append(f"{action}: the refused token {token} was sent again")
        session = parameters.get("TrafficMirrorSessionId", token)
        if session in self._open:
            self._storm.broken.append(f"{action}: two calls at once for {session}")
        self._open.add(session)
        pending = self._unknown.get(call_of(parameters, "TrafficMirrorSourceIds"))
        if action == ADD and pending is not None and pending != (session, token):
            self._storm.broken.append(f"unknown as {pending}, then asked as {(session, token)}")

    def answered(
        self, action: str, parameters: Mapping[str, str], status: int, body: bytes
    ) -> None:
        if action not in CHANGES:
            self._listed(action, body, status)
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
        elif status < 500 and action != CREATE and not _still_running(body):
            self._refused.add(token)

    def unanswered(self, action: str, parameters: Mapping[str, str]) -> None:
        if action not in CHANGES:
            return
        token = parameters["ClientToken"]
        session = parameters.get("TrafficMirrorSessionId", token)
        self._open.discard(session)
        sources = call_of(parameters, "TrafficMirrorSourceIds")
        self._remember_unknown(action, sources, session, token)

    def _remember_unknown(
        self, action: str, sources: tuple[str, ...], session: str, token: str
    ) -> None:
        if action == ADD:
            self._unknown[sources] = (session, token)

    def _listed(self, action: str, body: bytes, status: int) -> None:
        """A source that is seen in a session is in doubt no more."""
        if action != "ListTrafficMirrorSessions" or status != 200:
            return
        for session in json.loads(body)["TrafficMirrorSessions"]:
            listed = set(session["TrafficMirrorSourceIds"])
            for sources in [one for one in self._unknown if listed.intersection(one)]:
                del self._unknown[sources]


def _still_running(body: bytes) -> bool:
    code = str(json.loads(body).get("Code", ""))
    return any(word in code for word in STILL_RUNNING)
