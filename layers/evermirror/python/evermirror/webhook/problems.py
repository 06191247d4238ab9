"""Every way in which a request can be refused, as RFC 9457 asks: one stable type for each.

A caller programs against `type`; `detail` and `errors` are for the person who reads the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from pydantic import BaseModel, Field

from evermirror.values import dataclass

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
"""Entries of `errors` in one answer; `detail` says how many there are."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its name in `type`, its HTTP status and its title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return f"urn:evermirror:problem:{self.name}"


NOT_HTTP = Kind("not-http", 400, "This function takes HTTP requests only")
UNREADABLE = Kind("unreadable", 400, "The body is no JSON that can be read")
UNAUTHORIZED = Kind("unauthorized", 401, "The request is not signed by a secret known here")
NOT_FOUND = Kind("not-found", 404, "There is nothing at this path")
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, "This path does not take this method")
TOO_LARGE = Kind("too-large", 413, "The body is too large")
UNSUPPORTED = Kind("unsupported-media-type", 415, "The body must be application/json")
INVALID = Kind("invalid", 422, "The request cannot be used as it stands")
INTERNAL = Kind("internal", 500, "Evermirror failed")
PAUSED = Kind("paused", 503, "Evermirror is paused")
UNAVAILABLE = Kind("unavailable", 503, "The request could not be passed on")
NOT_CONFIGURED = Kind("not-configured", 503, "The webhook is not set up")


class FieldError(BaseModel):
    """One thing that is wrong, and where: at a pointer into the body, or in a header."""

    pointer: str | None = Field(
        default=None, description="JSON pointer into the body, as a URI fragment (RFC 6901)."
    )
    header: str | None = None
    detail: str


class Problem(BaseModel):
    """A problem as RFC 9457 writes it; `type` is the stable name to program against."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


@dataclass(eq=False)
class ProblemError(Exception):
    """A request that gets no other answer than this problem."""

    kind: Kind
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """The body of the answer."""
        return Problem(
            type=self.kind.type,
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            errors=list(self.errors) or None,
        ).model_dump_json(exclude_none=True)

    def __str__(self) -> str:
        return f"{self.kind.name}: {self.detail}"
