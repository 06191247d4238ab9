"""Everything a plan is made from, in one frozen value: no clock, no network, no chance in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evermirror.engine.state import UNTOUCHED, Limits, Observation, Progress, Want
from evermirror.model import Place
from evermirror.policy import Policy


@dataclass(frozen=True, slots=True)
class View:
    """The world, the policy, and what happened so far.

    `acting` is False when nothing may be changed at all (observe mode); `time_for_changes` is
    False when too little of the function's time is left to begin another one.
    """

    place: Place
    policy: Policy
    limits: Limits
    observation: Observation
    progress: Mapping[str, Progress]
    acting: bool = True
    time_for_changes: bool = True

    def progress_of(self, want: Want) -> Progress:
        return self.progress.get(want.network_interface_id, UNTOUCHED)
