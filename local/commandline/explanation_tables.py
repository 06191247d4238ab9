"""How an explanation looks to people: where it stands, its sessions in their order, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from commandline.tables import say, show

COLOURS = {"listed": "green", "asked": "cyan", "waited_for": "yellow", "passed": "red"}
WAYS = {"mirrored": "its packets go to", "pending": "its packets are to go to"}


def show_explanation(told: dict[str, Any], paper: Console) -> None:
    """Where it stands, its sessions in their order, the service's word, and what to do."""
    on = f" on {told['instance_id']}" if told["instance_id"] else ""
    say(
        Text(f"{told['network_interface_id']}{on}, {told['status']}: {told['standing']}", "bold"),
        paper,
    )
    say(f"  {told['because']}", paper)
    rows = [
        (one["session_id"], Text(one["what"], COLOURS.get(one["what"], "dim")), one["why"])
        for one in told["sessions"]
    ]
    if rows:
        show(("session, in its order", "", "because"), rows, paper)
    for sentence in _of_the_way(told):
        say(f"  {sentence}", paper)
    if told["elsewhere"]:
        first = ", which takes its packets first" if told["shadowed"] else ""
        say(f"  also a source of {', '.join(told['elsewhere'])}{first}", paper)
    if told["verified"]:
        say(f"  {_verdict(told['verified'])}", paper)
    say(f"  → {told['remedy']}", paper)


def _of_the_way(told: dict[str, Any]) -> Iterator[str]:
    if told["target_id"]:
        yield f"{WAYS.get(told['standing'], 'the target of its session is')} {told['target_id']}"
    if told["would_create_session"]:
        yield "its pool would make a session for it"


def _verdict(answer: dict[str, Any]) -> str:
    if answer["accepted"]:
        return f"dry run: {answer['session_id']} would take it"
    said = f": {answer['message']}" if answer["message"] else ""
    return f"dry run: {answer['session_id']} answers {answer['code']}{said}"
