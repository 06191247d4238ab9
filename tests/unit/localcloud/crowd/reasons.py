"""Why a call may be refused: for the codes that follow from the book, whether it was right to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.unit.localcloud.crowd.book import Book

Said = Mapping[str, Any]
Reason = Callable[[Book, Said, Said], bool]


def _session_busy(book: Book, asked: Said, _limits: Said) -> bool:
    if "TrafficMirrorSessionId" in asked:
        return book.sessions[asked["TrafficMirrorSessionId"]].status != "Created"
    used = asked["TrafficMirrorFilterId"]
    sessions = book.sessions.values()
    return any(used in one.either("filter") and one.status != "Created" for one in sessions)


def _filter_busy(book: Book, asked: Said, _limits: Said) -> bool:
    filter_id = asked.get("TrafficMirrorFilterId")
    if filter_id is None:
        filter_id = book.sessions[asked["TrafficMirrorSessionId"]].filter
    return book.filters[filter_id].status != "Created"


def _session_full(book: Book, asked: Said, limits: Said) -> bool:
    session = book.sessions.get(asked.get("TrafficMirrorSessionId", ""))
    count = len(session.sources) if session else 0
    return bool(count + len(asked["TrafficMirrorSourceIds"]) > limits["sources_per_session"])


def _source_in_enough(book: Book, asked: Said, limits: Said) -> bool:
    count = book.sessions_of_source()
    most = limits["sessions_per_source"]
    return any(count[one] >= most for one in asked["TrafficMirrorSourceIds"])


def _target_full(book: Book, asked: Said, limits: Said) -> bool:
    session = book.sessions.get(asked.get("TrafficMirrorSessionId", ""))
    target = asked.get("TrafficMirrorTargetId") or (session.target if session else "")
    more = len(asked.get("TrafficMirrorSourceIds") or (session.sources if session else ()))
    kind = "sources_per_slb_target" if target.startswith("lb-") else "sources_per_target"
    return bool(book.sources_at_target()[target] + more > limits[kind])


def _both_roles(book: Book, asked: Said, _limits: Said) -> bool:
    sources = set(asked.get("TrafficMirrorSourceIds", ()))
    targets = {asked.get("TrafficMirrorTargetId")}
    session = book.sessions.get(asked.get("TrafficMirrorSessionId", ""))
    sources |= set(session.sources if session else ())
    targets |= {session.target} if session else set()
    return bool(
        sources & (targets | set(book.sessions_at("target")))
        or targets & set(book.sessions_of_source())
    )


def _already_there(book: Book, asked: Said, _limits: Said) -> bool:
    sources = book.sessions[asked["TrafficMirrorSessionId"]].sources
    return any(one in sources for one in asked["TrafficMirrorSourceIds"])


def _not_there(book: Book, asked: Said, _limits: Said) -> bool:
    sources = book.sessions[asked["TrafficMirrorSessionId"]].sources
    return any(one not in sources for one in asked["TrafficMirrorSourceIds"])


def _session_priority_taken(book: Book, asked: Said, _limits: Said) -> bool:
    others = (
        page for one, page in book.sessions.items() if one != asked.get("TrafficMirrorSessionId")
    )
    return any(asked["Priority"] in one.either("priority") for one in others)


REASONS: Mapping[str, Reason] = {
    "IncorrectStatus.TrafficMirrorSession": _session_busy,
    "IncorrectStatus.TrafficMirrorFilter": _filter_busy,
    "QuotaExceeded.SourceNumPerSession": _session_full,
    "QuotaExceeded.NetworkInterfaceRelatedSession": _source_in_enough,
    "QuotaExceeded.SourceNumPerTarget": _target_full,
    "OperationDenied.DuplicateRole": _both_roles,
    "ResourceAlreadyAssociated.TrafficMirrorSource": _already_there,
    "ResourceNotAssociated.TrafficMirrorSource": _not_there,
    "IllegalParam.Priority": _session_priority_taken,
    "QuotaExceeded.SessionNum": lambda book, _asked, limits: (
        len(book.sessions) >= limits["sessions"]
    ),
    "QuotaExceeded.TrafficMirrorFilter": lambda book, _asked, limits: (
        len(book.filters) >= limits["filters"]
    ),
    "QuotaExceeded.FilterRelatedSession": lambda book, asked, limits: (
        book.sessions_at("filter")[asked["TrafficMirrorFilterId"]] >= limits["sessions_per_filter"]
    ),
    "QuotaExceeded.SlbRelatedSession": lambda book, asked, limits: (
        book.sessions_at("target")[asked["TrafficMirrorTargetId"]]
        >= limits["sessions_per_slb_target"]
    ),
    "DependencyViolation.TrafficMirrorSession": lambda book, asked, _limits: (
        book.sessions_at("filter")[asked["TrafficMirrorFilterId"]] > 0
    ),
    "ResourceNotFound.TrafficMirrorSession": lambda book, asked, _limits: (
        asked["TrafficMirrorSessionId"] not in book.sessions
    ),
    "ResourceNotFound.TrafficMirrorFilter": lambda book, asked, _limits: (
        asked["TrafficMirrorFilterId"] not in book.filters
    ),
}
