"""The fresh process of a cold start: the least that stands for the platform's own runtime.

    python -I -S cold_start_process.py MODULE PATH... < events

Every line of stdin is an event. After each, a line on stderr: what became of it, or what the
process is like by then. Waiting for the cloud costs nothing here, the same for everybody: with
settle 0 there is nothing to wait for.
"""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import Any

time.sleep = lambda _seconds: None  # noqa: TID251 - see above

CONTEXT = SimpleNamespace(
    request_id="bench",
    account_id="1234567890123456",
    region="cn-hongkong",
    function=SimpleNamespace(name="mirror", handler="index.handler", memory=512, timeout=240),
)


def main() -> None:
    sys.path[:0] = sys.argv[2:]
    first, *later = sys.stdin.buffer.read().splitlines()
    handler = __import__(sys.argv[1]).handler
    handler(first, CONTEXT)
    tell("published")
    # Of this process alone: getrusage would tell the peak of the one that started it as well.
    with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib would count as a module
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    tell(f"{peak} {len(sys.modules)}")
    if later:
        warm(handler, later)


def tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def warm(handler: Any, events: list[bytes]) -> None:
    """For each event a line: microseconds of own work, the HTTP client's time excluded."""
    ledger = Ledger()
    for event in events:
        ledger.begin()
        handler(event, CONTEXT)
        tell(f"{ledger.own_s() * 1e6:.1f}")


class Ledger:
    """Books time to httpx or to us. Signing is ours, although httpx calls it."""

    def __init__(self) -> None:
        # Not before the cold start was measured.
        import contextlib  # noqa: PLC0415
        import inspect  # noqa: PLC0415

        import httpx  # noqa: PLC0415

        from evermirror.aliyun.signing import Acs3Auth  # noqa: PLC0415

        self.begin()
        for owner, name in (
            (httpx.Client, "build_request"),
            (httpx.Client, "send"),
            (httpx.Client, "post"),
            (httpx.Response, "close"),
        ):
            setattr(owner, name, self._booked(getattr(owner, name)))
        stream = self._stepped(inspect.unwrap(httpx.Client.stream), False)
        setattr(httpx.Client, "stream", contextlib.contextmanager(stream))  # noqa: B010
        setattr(httpx.Response, "iter_bytes", self._stepped(httpx.Response.iter_bytes, False))  # noqa: B010
        setattr(Acs3Auth, "auth_flow", self._stepped(Acs3Auth.auth_flow, True))  # noqa: B010

    def begin(self) -> None:
        self._ours = True
        self._own = 0.0
        self._since = time.perf_counter()

    def own_s(self) -> float:
        self._turn(True)
        return self._own

    def _turn(self, ours: bool) -> bool:
        """From here on time is booked to somebody else; answers to whom it was before."""
        now, before = time.perf_counter(), self._ours
        if before:
            self._own += now - self._since
        self._since, self._ours = now, ours
        return before

    def _booked(self, method: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            before = self._turn(False)
            try:
                return method(*arguments, **named)
            finally:
                self._turn(before)

        return call

    def _stepped(self, method: Any, ours: bool) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            steps = method(*arguments, **named)
            while True:
                before = self._turn(ours)
                try:
                    step = next(steps)
                except StopIteration:
                    return
                finally:
                    self._turn(before)
                yield step

        return call


if __name__ == "__main__":
    main()
