"""What reached the notification function, as it reached it: order kept, repeats included."""

from __future__ import annotations

import json


class Outcomes:
    """Collects the outcomes of every successful invocation of one function."""

    def __init__(self, function: str) -> None:
        self._function = function
        self.received: list[object] = []

    def heard(self, function: str, payload: bytes) -> None:
        """Note an invocation that succeeded; other functions, and other payloads, are none."""
        if function != self._function:
            return
        try:
            document = json.loads(payload)
        except (ValueError, RecursionError):
            return
        outcomes = document.get("outcomes") if isinstance(document, dict) else None
        if isinstance(outcomes, list):
            self.received += outcomes
