"""The traffic mirror calls, because sessions and their sources are the truth Evermirror keeps.

Source: VPC API 2016-04-28, Add- and RemoveSources..TrafficMirrorSession, Create-, List- and
UpdateTrafficMirrorSession. A change that is Accepted has begun, not happened: list the session
until it is Created and shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from evermirror.aliyun.paging import MOST_PAGES, PAGES_OF_IDS, chunks, every_page
from evermirror.aliyun.rpc import Answer, Product, Rpc, numbered
from evermirror.aliyun.session_requests import create_parameters, list_parameters
from evermirror.aliyun.totals import Reading, Told, reading_of, unheard, whole
from evermirror.aliyun.vpc_answers import CreatedAnswer, SessionsPage
from evermirror.model import NewSession, Session, SessionQuery
from evermirror.results import Accepted, Answered, Meaning, ReadError, Refused, Unknown

VPC = Product("vpc", "2016-04-28")
SESSIONS_A_PAGE = "100"
ADD = "AddSourcesToTrafficMirrorSession"
REMOVE = "RemoveSourcesFromTrafficMirrorSession"
CREATE = "CreateTrafficMirrorSession"
UPDATE = "UpdateTrafficMirrorSessionAttribute"
LIST = "ListTrafficMirrorSessions"


def _no_progress(_read: int) -> None:
    """Nobody is watching."""


class Vpc:
    """Traffic mirror sessions of one region.

    `told` hears of a list that had to be taken although it does not fit its total.
    """

    def __init__(self, rpc: Rpc, told: Told = unheard) -> None:
        self._rpc = rpc
        self._told = told

    def awaits_turn(self) -> None:
        """Wait until a call may leave; see `Rpc.awaits_turn`."""
        self._rpc.awaits_turn()

    def takes_turn(self, within_s: float) -> bool:
        """Wait until a call may leave, if that is within so many seconds; see `Rpc.takes_turn`."""
        return self._rpc.takes_turn(within_s)

    def turns_within(self, seconds: float) -> int:
        """How many calls could leave in so many seconds; see `Rpc.turns_within`."""
        return self._rpc.turns_within(seconds)

    def leaves_turn(self) -> None:
        """Give a turn back; see `Rpc.leaves_turn`."""
        self._rpc.leaves_turn()

    def add_sources(
        self,
        session_id: str,
        network_interface_ids: Sequence[str],
        client_token: str,
        *,
        dry_run: bool = False,
    ) -> Accepted | Refused | Unknown:
        """Ask for interfaces to become sources of a session.

        A dry run that passes is Accepted with `dry_run` set, although the service reports it as
        the error DryRunOperation.
        """
        parameters = {
            "TrafficMirrorSessionId": session_id,
            **numbered("TrafficMirrorSourceIds", network_interface_ids),
        }
        return self._change(ADD, parameters, client_token, dry_run=dry_run)

    def remove_sources(
        self, session_id: str, network_interface_ids: Sequence[str], client_token: str
    ) -> Accepted | Refused | Unknown:
        """Ask for interfaces to be sources of a session no more."""
        parameters = {
            "TrafficMirrorSessionId": session_id,
            **numbered("TrafficMirrorSourceIds", network_interface_ids),
        }
        return self._change(REMOVE, parameters, client_token)

    def enable_session(self, session_id: str, client_token: str) -> Accepted | Refused | Unknown:
        """Ask for a session that is switched off to mirror again."""
        parameters = {"TrafficMirrorSessionId": session_id, "Enabled": "true"}
        return self._change(UPDATE, parameters, client_token)

    def create_session(
        self, new: NewSession, client_token: str, *, dry_run: bool = False
    ) -> Accepted | Refused | Unknown:
        """Ask for a session; where it is Accepted, `session_id` names it."""
        parameters = {**create_parameters(new), "ClientToken": client_token}
        if dry_run:
            parameters["DryRun"] = "true"
        answer = self._rpc.call(VPC, CREATE, parameters, CreatedAnswer)
        if isinstance(answer, Answered):
            return Accepted(
                answer.body.request_id, session_id=answer.body.traffic_mirror_session_id
            )
        return _settled(answer, dry_run=dry_run)

    def list_sessions(self, session_ids: Sequence[str]) -> tuple[Session, ...]:
        """The sessions that exist, each once, in no promised order; an unknown id is left out.

        Raises ReadError or StopError; what was read until then is thrown away.
        """
        found: dict[str, Session] = {}
        for ids in chunks(session_ids):
            which = numbered("TrafficMirrorSessionIds", ids)
            found.update(self._whole(which, most=PAGES_OF_IDS))
        return tuple(found.values())

    def find_sessions(self, query: SessionQuery) -> tuple[Session, ...]:
        """Every session that the query asks for, each once; raises as `list_sessions` does."""
        return tuple(self._whole(list_parameters(query)).values())

    def every_session(self, progress: Callable[[int], None] = _no_progress) -> tuple[Session, ...]:
        """All sessions of the region, each once: every page of them, or an error.

        `progress` is told how many were read so far; raises as `list_sessions` does.
        """
        return tuple(self._whole({}, _shown_of_all, progress).values())

    def _whole(
        self,
        which: Mapping[str, str],
        shown: Callable[[SessionsPage], tuple[Session, ...]] = SessionsPage.sessions,
        progress: Callable[[int], None] = _no_progress,
        most: int = MOST_PAGES,
    ) -> Mapping[str, Session]:
        parameters = {"MaxResults": SESSIONS_A_PAGE, **which}

        def read() -> Reading[Session]:
            pages = every_page(self._rpc, VPC, LIST, parameters, SessionsPage, most)
            return reading_of(pages, shown, progress)

        return whole(LIST, read, self._told)

    def _change(
        self,
        action: str,
        parameters: Mapping[str, str],
        client_token: str,
        *,
        dry_run: bool = False,
    ) -> Accepted | Refused | Unknown:
        asked = {**parameters, "ClientToken": client_token}
        if dry_run:
            asked["DryRun"] = "true"
        answer = self._rpc.call(VPC, action, asked, Answer)
        if isinstance(answer, Answered):
            return Accepted(answer.body.request_id)
        return _settled(answer, dry_run=dry_run)


def _shown_of_all(page: SessionsPage) -> tuple[Session, ...]:
    """Of all sessions a page may show none, but not leave out to say so."""
    if page.traffic_mirror_sessions is None:
        raise ReadError("list_without_its_sessions")
    return page.sessions()


def _settled(answer: Refused | Unknown, *, dry_run: bool) -> Accepted | Refused | Unknown:
    if isinstance(answer, Refused) and answer.means is Meaning.DRY_RUN_PASSED:
        passed = Accepted(answer.request_id or "", dry_run=True)
        return passed if dry_run else Unknown("dry_run_not_asked_for")
    return answer
