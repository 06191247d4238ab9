"""Events in: what arrives becomes intents to look at interfaces, or an answer why not."""

from evermirror.events.parsing import parse
from evermirror.events.requests import encode_requests

__all__ = ["encode_requests", "parse"]
