"""The environment, read whole and checked before any work: a typed value instead of strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from pathlib import Path
from typing import TypeVar

from evermirror.aliyun.budget import seconds_apart
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.endpoints import is_address
from evermirror.errors import SettingsError
from evermirror.invocation.arn import parse
from evermirror.placement.limits import Limits
from evermirror.stack_key import NO_KEY, StackKey
from evermirror.values import dataclass

Choice = TypeVar("Choice", bound=Enum)

MOST_DIGITS = 9
"""Of a number; what is longer is a slip of the pen, and beyond some length no number at all."""

LONGEST_SHOWN = 60

CALLS_FOR_ANY_BOUND = 30
"""Of so many calls a minute enough may leave at once for a look and the change that follows."""

MOST_OF_THE_BOUND = 0.9
"""The rest is for the calls themselves."""


class Mode(str, Enum):
    """`observe` plans and reports, `act` changes sessions, `paused` keeps the work waiting."""

    OBSERVE = "observe"
    ACT = "act"
    PAUSED = "paused"


class Reclaiming(str, Enum):
    """What becomes of sources whose interface is gone: nothing, told, or taken out."""

    OFF = "off"
    REPORT = "report"
    ON = "on"


class Switch(str, Enum):
    """Something that is done, or not."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Sweeping:
    """What the sweep does besides closing gaps.

    `reclaim_limit` is how many sources that are gone one sweep may have removed.
    """

    reclaim: Reclaiming = Reclaiming.REPORT
    reclaim_limit: int = 50


@dataclass(frozen=True, slots=True)
class Settings:
    """What the deployment decides.

    `notify` and `mirror` are function ARNs; None: outcomes go to the log only, nothing is handed
    on. `endpoint` overrides every service endpoint. `heals_per_hour` is how often one session, or
    one interface whose sessions are deleted, is healed at most. `credentials` are those of
    the environment, None where the context carries them. `calls_per_minute` is the function's
    share of the API quotas.
    """

    mode: Mode = Mode.OBSERVE
    policy: Path = Path("/opt/policy.json")
    notify: str | None = None
    mirror: str | None = None
    endpoint: str | None = None
    limits: Limits = field(default_factory=lambda: Limits(grace_s=300.0, period_s=900.0))
    sweep: Sweeping = field(default_factory=Sweeping)
    healing: Switch = Switch.ON
    heals_per_hour: int = 3
    calls_per_minute: int = 300
    channels: tuple[str, ...] = field(default=(), repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stack_key: StackKey = field(default=NO_KEY, repr=False)
    credentials: Credentials | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Reads every variable; raises SettingsError that names all that are wrong."""
        read = _Reading(environment)
        settings = cls(
            mode=read.choice("EVERMIRROR_MODE", Mode.OBSERVE),
            policy=Path(read.text("EVERMIRROR_POLICY") or "/opt/policy.json"),
            notify=read.arn("EVERMIRROR_NOTIFY"),
            mirror=read.arn("EVERMIRROR_MIRROR"),
            endpoint=read.endpoint(),
            limits=Limits(
                sources_per_session=read.number("EVERMIRROR_SOURCES_PER_SESSION", 10) or 10,
                sources_per_call=read.number("EVERMIRROR_SOURCES_PER_CALL", 1) or 1,
                sources_per_create=read.number("EVERMIRROR_SOURCES_PER_CREATE", 10) or 10,
                allow_growth=read.switch("EVERMIRROR_ALLOW_GROWTH"),
                stale_bound_s=float(read.number("EVERMIRROR_STALE_BOUND_S", 10) or 10),
                max_sources=read.number("EVERMIRROR_MAX_SOURCES", None, least=0),
                period_s=float(read.number("EVERMIRROR_SWEEP_INTERVAL_S", 900) or 900),
                grace_s=float(read.number("EVERMIRROR_GRACE_S", 300, least=0) or 0),
            ),
            sweep=Sweeping(
                reclaim=read.choice("EVERMIRROR_RECLAIM", Reclaiming.REPORT),
                reclaim_limit=read.number("EVERMIRROR_RECLAIM_LIMIT", 50) or 50,
            ),
            healing=read.choice("EVERMIRROR_HEALING", Switch.ON),
            heals_per_hour=read.number("EVERMIRROR_HEALS_PER_HOUR", 3) or 3,
            calls_per_minute=read.number("EVERMIRROR_CALLS_PER_MINUTE", 300) or 300,
            channels=read.channels(),
            webhook_secrets=tuple((read.text("EVERMIRROR_WEBHOOK_SECRET") or "").split()),
            stack_key=read.stack_key(),
            credentials=read.credentials(),
        )
        read.refuse_a_pace_that_adds_nothing(settings)
        if read.problems:
            raise SettingsError("; ".join(read.problems))
        return settings


class _Reading:
    """Reads one variable after another and keeps what is wrong, so that all of it is told."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def text(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def number(self, name: str, default: int | None, *, least: int = 1) -> int | None:
        text = self.text(name)
        if text is None:
            return default
        digits = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
        if not digits or int(text) < least:
            self.problems.append(
                f"{name} must be a whole number of at least {least} and at most {MOST_DIGITS} "
                f"digits, not {_shown(text)}"
            )
            return default
        return int(text)

    def arn(self, name: str) -> str | None:
        """A function's ARN: a wrong one must not be found out after the cloud was changed."""
        text = self.text(name)
        try:
            return parse(text) and text if text else None
        except SettingsError as error:
            self.problems.append(f"{name}: {error}")
            return None

    def channels(self) -> tuple[str, ...]:
        """Paths and URLs; a wrong one is counted, not quoted: channels carry secrets."""
        words = (self.text("EVERMIRROR_CHANNELS") or "").split()
        for number, word in enumerate(words, start=1):
            if not word.startswith(("/", "file:/")) and not is_address(word):
                self.problems.append(
                    f"EVERMIRROR_CHANNELS: number {number} of {len(words)} is neither a path "
                    "(from /), nor a file:, http: or https: URL"
                )
        return tuple(words)

    def stack_key(self) -> StackKey:
        words = (self.text("EVERMIRROR_STACK_KEY") or "").replace(",", " ").split()
        try:
            return StackKey(words) if words else NO_KEY
        except SettingsError as error:
            self.problems.append(str(error))
            return NO_KEY

    def switch(self, name: str) -> bool:
        text = self.text(name)
        if text not in {None, "true", "false"}:
            self.problems.append(f"{name} must be true or false, not {_shown(text)}")
        return text == "true"

    def choice(self, name: str, default: Choice) -> Choice:
        """One word of an enumeration."""
        text = self.text(name)
        words = [one.value for one in type(default)]
        if text is None or text in words:
            return type(default)(text or default)
        self.problems.append(f"{name} must be one of {', '.join(words)}, not {_shown(text)}")
        return default

    def refuse_a_pace_that_adds_nothing(self, settings: Settings) -> None:
        """A change must follow its look within the bound, and the look takes a call before it."""
        calls, bound_s = settings.calls_per_minute, settings.limits.stale_bound_s
        apart_s = seconds_apart(calls)
        if calls < CALLS_FOR_ANY_BOUND and apart_s > bound_s * MOST_OF_THE_BOUND:
            self.problems.append(
                f"EVERMIRROR_CALLS_PER_MINUTE of {calls} lets a call leave every {apart_s:.1f} s, "
                f"too late for a change, which must follow a look within EVERMIRROR_STALE_BOUND_S, "
                f"{bound_s:.0f} s: raise one of them"
            )

    def endpoint(self) -> str | None:
        text = self.text("EVERMIRROR_ENDPOINT")
        if text and not is_address(text):
            self.problems.append(
                f"EVERMIRROR_ENDPOINT must be an http:// or https:// address, not {_shown(text)}"
            )
        return text.rstrip("/") if text else None

    def credentials(self) -> Credentials | None:
        key_id = self.text("ALIBABA_CLOUD_ACCESS_KEY_ID")
        secret = self.text("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
        if key_id is None or secret is None:
            return None
        return Credentials(key_id, secret, self.text("ALIBABA_CLOUD_SECURITY_TOKEN"))


def _shown(text: str) -> str:
    """Quoted, and no longer than a line holds."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")
