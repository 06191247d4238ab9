"""What the engine needs of the outside: two kinds of API, a clock, and somebody to run calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from evermirror.model import Filter, Instance, NetworkInterface, NewSession, Session, SessionQuery
from evermirror.results import Accepted, Refused, Unknown

T = TypeVar("T")


class SessionApi(Protocol):
    """Traffic mirror sessions, as far as the engine reads and changes them."""

    def list_sessions(self, session_ids: Sequence[str]) -> tuple[Session, ...]: ...

    def every_session(self, progress: Callable[[int], None]) -> tuple[Session, ...]: ...

    def find_sessions(self, query: SessionQuery) -> tuple[Session, ...]: ...

    def awaits_turn(self) -> None: ...

    def takes_turn(self, within_s: float) -> bool: ...

    def turns_within(self, seconds: float) -> int: ...

    def leaves_turn(self) -> None: ...

    def add_sources(
        self,
        session_id: str,
        network_interface_ids: Sequence[str],
        client_token: str,
        *,
        dry_run: bool = False,
    ) -> Accepted | Refused | Unknown: ...

    def remove_sources(
        self, session_id: str, network_interface_ids: Sequence[str], client_token: str
    ) -> Accepted | Refused | Unknown: ...

    def enable_session(
        self, session_id: str, client_token: str
    ) -> Accepted | Refused | Unknown: ...

    def create_session(
        self, new: NewSession, client_token: str
    ) -> Accepted | Refused | Unknown: ...


class InterfaceApi(Protocol):
    """Network interfaces and instances, read only."""

    def describe_network_interfaces(self, ids: Sequence[str]) -> tuple[NetworkInterface, ...]: ...

    def network_interfaces_beside(
        self, witness: str, ids: Sequence[str]
    ) -> tuple[NetworkInterface, ...] | None: ...

    def describe_network_interfaces_of(self, instance_id: str) -> tuple[NetworkInterface, ...]: ...

    def every_network_interface(
        self, progress: Callable[[int], None]
    ) -> tuple[NetworkInterface, ...]: ...

    def some_network_interfaces(self) -> tuple[NetworkInterface, ...]: ...

    def describe_instances(self, ids: Sequence[str]) -> tuple[Instance, ...]: ...


class FilterApi(Protocol):
    """Traffic mirror filters, read only."""

    def every_filter(self, progress: Callable[[int], None]) -> tuple[Filter, ...]: ...


class Cloud(NamedTuple):
    """Everything of one region that is read or changed."""

    sessions: SessionApi
    interfaces: InterfaceApi
    filters: FilterApi


class Clock(Protocol):
    """Time as the engine sees it: epoch seconds, seconds that are never set back, and waiting."""

    def now(self) -> float: ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class Executor(Protocol):
    """Runs independent calls, in whatever order or overlap it likes; answers keep their order."""

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]: ...
