"""Door: a tick of the timer to the sweep that finds what events missed."""

from __future__ import annotations

from evermirror.starting import uncollected

with uncollected():
    from evermirror.reconcile.wiring import application


def handler(event: bytes, context: object) -> str:
    """Answers the coverage that was found, and what mirror was asked for, as JSON."""
    return application().reconcile(event, context)
