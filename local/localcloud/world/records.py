"""How an update becomes part of a record: one rule for sessions and filter rules."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def update_record(record: Any, update: Any | None) -> None:
    """Set on `record` every field of the dataclass `update` that is not None."""
    if update is None:
        return
    for field in fields(update):
        value = getattr(update, field.name)
        if value is not None:
            setattr(record, field.name, value)
