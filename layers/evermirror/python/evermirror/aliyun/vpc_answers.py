"""What ListTrafficMirrorSessions and CreateTrafficMirrorSession answer, and the values made of it.

Source: VPC API 2016-04-28.
"""

from __future__ import annotations

from typing import Any

from evermirror.aliyun.answers import ReadError
from evermirror.aliyun.paging import Page
from evermirror.aliyun.rpc import Answer, Wire
from evermirror.aliyun.timestamps import seconds_since_epoch
from evermirror.model import Session


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

    @property
    def total(self) -> int:
        """How many sessions the whole list has, as this page tells it; 0 where it does not."""
        text = self.total_count or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0

    def sessions(self) -> tuple[Session, ...]:
        """The sessions of this page; raises ReadError where there are some and none is shown."""
        if self.traffic_mirror_sessions is None and self.total_count not in {None, "", "0"}:
            raise ReadError("list_without_its_sessions")
        return tuple(session.value() for session in self.traffic_mirror_sessions or ())


class CreatedAnswer(Answer):
    traffic_mirror_session_id: str
