"""What goes in and out over HTTP, as values: a whole request, a whole answer, or a cut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. Header names are lower case; `target` is the request target as sent.

    `fields` are the headers one by one, a repeated one as often as it came.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    body: bytes = b""
    target: str = "/"
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. With `truncate`, only that many bytes of the body leave before the end."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    body: bytes = b""
    truncate: int | None = None


class Reset(Exception):  # noqa: N818 - what happens, not what went wrong
    """Raised by a handler: cut the connection without an answer."""


Handler = Callable[[Request], Awaitable[Response]]


def decoded(encoded: str) -> tuple[tuple[str, str], ...]:
    """Parameters of a query string or form body, in order, empty values kept."""
    return tuple(parse_qsl(encoded, keep_blank_values=True))
