"""The traffic mirror calls, because sessions and their sources are the truth Evermirror keeps.

Source: VPC API 2016-04-28, AddSourcesToTrafficMirrorSession and ListTrafficMirrorSessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evermirror.aliyun.answers import Accepted, Answered, ReadError, Refused, Unknown
from evermirror.aliyun.paging import Page, chunks, every_page
from evermirror.aliyun.rpc import Answer, Product, Rpc, Wire, numbered
from evermirror.aliyun.timestamps import seconds_since_epoch
from evermirror.model import Session

VPC = Product("vpc", "2016-04-28")
SESSIONS_A_PAGE = "100"
DRY_RUN_PASSED = "DryRunOperation"


class WireTag(Wire):
    key: str | None = None
    value: str | None = None


class WireSession(Wire):
    traffic_mirror_session_id: str
    traffic_mirror_session_name: str | None = None
    traffic_mirror_session_status: str | None = None
    traffic_mirror_session_business_status: str | None = None
    traffic_mirror_source_ids: list[str] | None = None
    traffic_mirror_target_id: str | None = None
    traffic_mirror_target_type: str | None = None
    traffic_mirror_filter_id: str | None = None
    priority: int | None = None
    enabled: bool | None = None
    tags: list[WireTag] | None = None
    creation_time: Any = None

    def value(self) -> Session:
        """A state that was left out is not claimed: neither Created, nor Normal, nor enabled."""
        return Session(
            id=self.traffic_mirror_session_id,
            status=self.traffic_mirror_session_status or "",
            source_ids=tuple(self.traffic_mirror_source_ids or ()),
            name=self.traffic_mirror_session_name or "",
            business_status=self.traffic_mirror_session_business_status or "",
            enabled=self.enabled is True,
            target_id=self.traffic_mirror_target_id or "",
            target_type=self.traffic_mirror_target_type or "",
            filter_id=self.traffic_mirror_filter_id or "",
            priority=self.priority or 0,
            tags={tag.key: tag.value or "" for tag in self.tags or () if tag.key},
            created_at=seconds_since_epoch(self.creation_time),
        )


class SessionsPage(Page):
    traffic_mirror_sessions: list[WireSession] | None = None
    total_count: str | None = None


class Vpc:
    """Traffic mirror sessions of one region."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def add_sources(
        self,
        session_id: str,
        network_interface_ids: Sequence[str],
        client_token: str,
        *,
        dry_run: bool = False,
    ) -> Accepted | Refused | Unknown:
        """Ask for interfaces to become sources of a session.

        Accepted means that the session starts to change, not that it changed: list it until it
        is Created and names them. A dry run that passes is Accepted with `dry_run` set, although
        the service reports it as the error DryRunOperation.
        """
        parameters = {
            "TrafficMirrorSessionId": session_id,
            **numbered("TrafficMirrorSourceIds", network_interface_ids),
            "ClientToken": client_token,
        }
        if dry_run:
            parameters["DryRun"] = "true"
        action = "AddSourcesToTrafficMirrorSession"
        answer = self._rpc.call(VPC, action, parameters, Answer)
        if isinstance(answer, Answered):
            return Accepted(answer.body.request_id)
        if isinstance(answer, Refused) and answer.code == DRY_RUN_PASSED:
            passed = Accepted(answer.request_id or "", dry_run=True)
            return passed if dry_run else Unknown("dry_run_not_asked_for")
        return answer

    def list_sessions(self, session_ids: Sequence[str]) -> tuple[Session, ...]:
        """The sessions that exist, each once, in no promised order; an unknown id is left out.

        Raises ReadError or StopError; what was read until then is thrown away.
        """
        found: dict[str, Session] = {}
        for ids in chunks(session_ids):
            parameters = {
                "MaxResults": SESSIONS_A_PAGE,
                **numbered("TrafficMirrorSessionIds", ids),
            }
            for page in every_page(
                self._rpc, VPC, "ListTrafficMirrorSessions", parameters, SessionsPage
            ):
                found.update((session.id, session) for session in _sessions(page))
        return tuple(found.values())


def _sessions(page: SessionsPage) -> tuple[Session, ...]:
    if page.traffic_mirror_sessions is None and page.total_count not in {None, "", "0"}:
        raise ReadError("list_without_its_sessions")
    return tuple(session.value() for session in page.traffic_mirror_sessions or ())
