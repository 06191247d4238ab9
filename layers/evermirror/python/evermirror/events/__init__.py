"""Events in: what arrives becomes intents to look at interfaces, or an answer why not."""

from evermirror.events.encoding import encode_requests
from evermirror.events.parsing import parse

__all__ = ["encode_requests", "parse"]
