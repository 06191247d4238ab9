"""Speaks to the control addresses of a running local cloud, for commands and for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx


class ControlError(Exception):
    """The local cloud is not there, or refused; the message says which and why."""


class Control:
    """A running local cloud, by its endpoint; `timeout_s` bounds a call that does not wait."""

    def __init__(self, endpoint: str, timeout_s: float = 30.0) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._http = httpx.Client(timeout=timeout_s, trust_env=False)

    def __enter__(self) -> Control:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, event: bytes, **how: float) -> dict[str, Any]:
        """Puts one event, or an array of them, on the bus exactly as given."""
        answer: dict[str, Any] = self._call("POST", "/_local/events", content=event, params=how)
        return answer

    def wait_until_idle(self, timeout_s: float) -> dict[str, Any]:
        """Waits until bus, queue and invocations are empty; `idle` says whether they are."""
        answer: dict[str, Any] = self._call(
            "GET", "/_local/idle", params={"timeout_s": timeout_s}, timeout=timeout_s + 10
        )
        return answer

    def state(self) -> dict[str, Any]:
        """The whole world, in the form of a fleet file."""
        answer: dict[str, Any] = self._call("GET", "/_local/state")
        return answer

    def outcomes(self) -> list[dict[str, Any]]:
        """Every outcome that reached notify, in order of arrival, repeats included."""
        answer: list[dict[str, Any]] = self._call("GET", "/_local/outcomes")
        return answer

    def deliveries(self) -> list[dict[str, Any]]:
        """What the bus did with each event, in order: the rules that let it through."""
        answer: list[dict[str, Any]] = self._call("GET", "/_local/deliveries")
        return answer

    def journal(self) -> list[dict[str, Any]]:
        """Every API call so far."""
        answer: list[dict[str, Any]] = self._call("GET", "/_local/journal")
        return answer

    def fire(self, trigger: str) -> None:
        """Fires a timer trigger now; what it starts has not ended when this returns."""
        self._call("POST", f"/_local/timers/{trigger}")

    def set_faults(self, faults: Sequence[Mapping[str, Any]]) -> None:
        self._call("PUT", "/_local/faults", json=list(faults))

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            answer = self._http.request(method, f"{self.endpoint}{path}", **arguments)
        except httpx.InvalidURL as error:
            raise ControlError(f"{self.endpoint} is no address: {error}") from error
        except httpx.RequestError as error:
            raise ControlError(
                f"no local cloud answers at {self.endpoint} ({type(error).__name__}); "
                "start one with: evermirror up --fleet FILE"
            ) from error
        if not answer.is_success:
            raise ControlError(f"{method} {path}: {answer.status_code} {answer.text.strip()}")
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise ControlError(f"what answers at {self.endpoint} is no local cloud") from None
