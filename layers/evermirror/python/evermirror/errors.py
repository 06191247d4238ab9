"""One tree of errors, because a caller only ever asks: may the platform deliver this again?

EvermirrorError
├── SettingsError        the environment is wrong; nothing was done
├── PolicyError          the policy is wrong; nothing was done
├── RedeliverError       the platform must deliver this again
│   ├── PublishError     an outcome could not be handed to notify
│   ├── HandOverError    unfinished work could not be handed on
│   └── PausedError      the mode says to keep the work waiting
└── StopError            the service refuses everybody: not opened, in arrears, forbidden
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

    `code` is the cloud's own error code.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
