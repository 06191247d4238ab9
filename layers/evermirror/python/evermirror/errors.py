"""One tree of errors, because a caller only ever asks: may the platform deliver this again?

EvermirrorError
├── SettingsError        the environment is wrong; nothing was done
├── PolicyError          the policy is wrong; nothing was done
├── RedeliverError       the platform must deliver this again
│   ├── PublishError     an outcome could not be handed to notify
│   ├── HandOverError    unfinished work could not be handed on
│   └── PausedError      the mode says to keep the work waiting
├── StopError            the service refuses everybody: not opened, in arrears, forbidden
├── ReadError            reading failed for now: throttled, unavailable, cut short; read again
└── InvocationError      Function Compute did not take an asynchronous invocation; invoke again
"""

from __future__ import annotations


class EvermirrorError(Exception):
    """Whatever Evermirror itself raises."""


class SettingsError(EvermirrorError):
    """A variable of the environment is missing or wrong; the message names it."""


class PolicyError(EvermirrorError):
    """A policy cannot be used; the message names file, line and key where they are known."""


class RedeliverError(EvermirrorError):
    """The invocation fails on purpose, so that the platform delivers the event again."""


class PublishError(RedeliverError):
    """The notification function did not accept outcomes."""


class HandOverError(RedeliverError):
    """Mirror could not invoke itself with the work it did not finish."""


class PausedError(RedeliverError):
    """Evermirror is paused: the work stays with the queue."""


class StopError(EvermirrorError):
    """The service refuses every call alike, so going on would only repeat the refusal.

    `code` is the cloud's own error code, `remedy` what a person should do about it.
    """

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.remedy = remedy


class ReadError(EvermirrorError):
    """What was asked for could not be read now; nothing partial is ever handed on.

    `reason` is the cloud's error code, or why its answer could not be used; `retry_after_s`
    is the service's own hint in seconds.
    """

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


class InvocationError(EvermirrorError):
    """A function was not invoked, or nobody knows; the same deduplication id may be sent again.

    `status` is the HTTP status where there was one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
