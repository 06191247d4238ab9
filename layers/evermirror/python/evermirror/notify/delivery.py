"""The other end of publishing: takes outcomes and coverage to where people and systems look.

A delivery that fails fails the invocation, so that the platform delivers again; it never repeats
a change to the cloud, because nothing here makes one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Protocol
from urllib.parse import unquote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from evermirror.aliyun.endpoints import is_address
from evermirror.errors import RedeliverError, SettingsError
from evermirror.log import Log
from evermirror.notify.ordering import COVERAGE, Newest, subject

MOST_OUTCOMES = 500
"""Of one publication. Ours are of 40,000 bytes, some fifty outcomes; each is a line of the log,
so what holds thousands is none of ours."""

LONGEST_ERROR = 300


class Publication(BaseModel):
    """What is published: `{"schema_version": 1, "outcomes": [...]}`, or a sweep's `coverage`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: int
    outcomes: Annotated[tuple[dict[str, object], ...], Field(max_length=MOST_OUTCOMES)]
    coverage: dict[str, object] | None = None

    @field_validator("outcomes", "coverage")
    @classmethod
    def _can_be_written(cls, value: object) -> object:
        """Refuses NaN and infinities, which are read but are no JSON that others could take."""
        json.dumps(value, allow_nan=False)
        return value

    @property
    def size(self) -> int:
        """How much it tells: outcomes, and a coverage."""
        return len(self.outcomes) + (self.coverage is not None)

    def plain(self) -> dict[str, object]:
        """As it was published; without the key `coverage` where there is none."""
        return self.model_dump(exclude=None if self.coverage is not None else {"coverage"})


class Channel(Protocol):
    """Somewhere to deliver to; raises RedeliverError where it did not arrive."""

    def deliver(self, publication: Publication) -> None: ...


class FileChannel:
    """Appends one JSON line an outcome, and one for a coverage."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def deliver(self, publication: Publication) -> None:
        told = list(publication.outcomes)
        if publication.coverage is not None:
            told.append({"coverage": publication.coverage})
        lines = "".join(f"{json.dumps(one, sort_keys=True)}\n" for one in told)
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:
            raise RedeliverError(f"{self._path}: {error.strerror}") from error


class UrlChannel:
    """Posts the publication as JSON; any answer but 2xx counts as not delivered."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self._url = url
        self._http = http

    def deliver(self, publication: Publication) -> None:
        host = urlsplit(self._url).hostname
        try:
            answer = self._http.post(self._url, json=publication.plain())
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            # The URL may carry a secret, so only its host is told. A host that cannot be one is
            # found out here in three ways.
            raise RedeliverError(f"{host}: {type(error).__name__}") from error
        if not answer.is_success:
            raise RedeliverError(f"{host} answered {answer.status_code}")


def channel(text: str, http: httpx.Client) -> Channel:
    """The channel that one word of EVERMIRROR_CHANNELS names; raises SettingsError."""
    if text.startswith("/"):
        return FileChannel(Path(text))
    if text.startswith("file:/"):
        return FileChannel(Path(unquote(urlsplit(text).path)))
    if is_address(text):
        return UrlChannel(text, http)
    # Half a URL may carry a whole secret, so nothing of it is told.
    raise SettingsError(
        "EVERMIRROR_CHANNELS: one is neither a path, nor a file:, http: or https: URL"
    )


def notify(
    payload: bytes, channels: Sequence[Channel], log: Log, newest: Newest, now: float
) -> dict[str, object]:
    """Logs every outcome, or a coverage, and delivers all of it to every channel.

    What `newest` knows something newer about is left out. Raises RedeliverError after all channels
    were tried, if one failed. A payload that is no publication is logged and answered, not raised:
    delivering it again would not mend it.
    """
    try:
        whole = Publication.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "payload"
        log.error("not a publication", where=where, problem=first["msg"])
        return {"delivered": 0, "rejected": f"{where}: {first['msg']}"}
    publication = _without_overtaken(whole, newest, now)
    overtaken = whole.size - publication.size
    if overtaken:
        log.warning("overtaken by newer ones, and not delivered", overtaken=overtaken)
    for outcome in publication.outcomes:
        log.outcome(outcome)
    if publication.coverage is not None:
        log.coverage_told(publication.coverage)
    reached = channels if publication.size or not overtaken else ()
    failures = [failure for one in reached if (failure := _deliver(one, publication))]
    if failures:
        # The record of a failure quotes this, and has so much room.
        sentence = f"not delivered everywhere: {'; '.join(map(str, failures))}"
        raise RedeliverError(sentence[:LONGEST_ERROR])
    return {"delivered": publication.size, **({"overtaken": overtaken} if overtaken else {})}


def _without_overtaken(publication: Publication, newest: Newest, now: float) -> Publication:
    outcomes = (
        one for one in publication.outcomes if newest.admits(subject(one), one.get("number"), now)
    )
    coverage = publication.coverage
    if coverage is not None and not newest.admits(COVERAGE, coverage.get("number"), now):
        coverage = None
    return publication.model_copy(update={"outcomes": tuple(outcomes), "coverage": coverage})


def _deliver(one: Channel, publication: Publication) -> RedeliverError | None:
    try:
        one.deliver(publication)
    except RedeliverError as error:
        return error
    return None
