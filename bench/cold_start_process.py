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
    """For each event a line: microseconds of own work, the HTTP client's time excluded.

    Of the processor, so that other work on this machine is not counted as ours.
    """
    inside = InsideHttpx()
    for event in events:
        inside.seconds = 0.0
        began = time.perf_counter()
        handler(event, CONTEXT)
        tell(f"{(time.perf_counter() - began - inside.seconds) * 1e6:.1f}")


class InsideHttpx:
    """Seconds spent in httpx, but for the signing that it calls back: that is our own."""

    def __init__(self) -> None:
        import httpx  # noqa: PLC0415 - not before the cold start was measured

        from evermirror.aliyun.signing import Acs3Auth  # noqa: PLC0415 - as above

        self.seconds = 0.0
        for owner, name in (
            (httpx.Client, "build_request"),
            (httpx.Client, "send"),
            (httpx.Response, "close"),
        ):
            setattr(owner, name, self._timed(getattr(owner, name)))
        setattr(httpx.Response, "iter_bytes", self._stepped(httpx.Response.iter_bytes, 1))  # noqa: B010
        setattr(Acs3Auth, "auth_flow", self._stepped(Acs3Auth.auth_flow, -1))  # noqa: B010

    def _timed(self, method: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            began, before = time.perf_counter(), self.seconds
            try:
                return method(*arguments, **named)
            finally:
                # What was counted meanwhile is part of this, unless it was taken off.
                taken_off = min(0.0, self.seconds - before)
                self.seconds = before + time.perf_counter() - began + taken_off

        return call

    def _stepped(self, method: Any, sign: int) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            steps = method(*arguments, **named)
            while True:
                began = time.perf_counter()
                try:
                    step = next(steps)
                except StopIteration:
                    return
                finally:
                    self.seconds += sign * (time.perf_counter() - began)
                yield step

        return call


if __name__ == "__main__":
    main()
