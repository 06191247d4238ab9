"""Whether a session mirrors what it lists: the one meaning of "mirrored".

Source: VPC API 2016-04-28. A session without `Enabled`, with a business status other than Normal,
whose filter accepts nothing, or whose target is gone mirrors nothing. What the policy pins, target
and filter, is what somebody with the right to change sessions could point elsewhere.
"""

from __future__ import annotations

from evermirror import reasons
from evermirror.model import IN_USE, RUNNING, Filter, Session
from evermirror.placement.snapshot import NOT_READ, Missing, Snapshot
from evermirror.policy import Pool
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.values import dataclass

NORMAL = "Normal"
"""The business status of a session whose bill is paid (VPC API 2016-04-28)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of the packets of a session's sources.

    `reason` is why they are not mirrored as the policy wants it, None where nothing shows that.
    `doubt` is why that cannot be told. `target_read` is False where the target's own state was not
    read, as that of a load balancer never is.
    """

    reason: str | None = None
    doubt: str | None = None
    target_read: bool = True

    @property
    def is_known(self) -> bool:
        """Say whether the session is known to mirror, or known not to."""
        return self.reason is not None or self.doubt is None


def effect(session: Session, pool: Pool | None, snapshot: Snapshot) -> Effect:
    """The effect of a session for a pool that it counts for; None: of a session of no pool."""
    target = _target(session, snapshot)
    flaw = _of_itself(session) or (None if pool is None else differing(session, pool))
    if flaw is None and isinstance(target, str):
        flaw = target
    accepting = snapshot.filters.of(session.filter_id)
    if flaw is None and isinstance(accepting, Filter) and not accepts(accepting, pool):
        flaw = reasons.FILTER_ACCEPTS_NOTHING
    doubt = reasons.FILTERS_NOT_VISIBLE if accepting is NOT_READ else None
    return Effect(flaw, doubt, target_read=target is not NOT_READ)


def one_direction(filter_id: str, snapshot: Snapshot) -> str | None:
    """The only direction that the filter accepts, if it accepts just one."""
    accepting = snapshot.filters.of(filter_id)
    if isinstance(accepting, Missing) or accepting.ingress == accepting.egress:
        return None
    return "ingress" if accepting.ingress else "egress"


def _of_itself(session: Session) -> str | None:
    if session.business_status != NORMAL:
        return reasons.SESSION_LOCKED
    return None if session.enabled else reasons.SESSION_DISABLED


def differing(session: Session, pool: Pool) -> str | None:
    """Why the session is not as the policy pins those of its pool, or None."""
    targets, filter_id = pool.allowed_targets(session), pool.allowed_filter(session)
    if targets is not None and session.target_id not in targets:
        return reasons.WRONG_TARGET
    if filter_id is not None and session.filter_id != filter_id:
        return reasons.WRONG_FILTER
    return None


def _target(session: Session, snapshot: Snapshot) -> str | Missing | None:
    """Why the target takes nothing, None where it does, or NOT_READ."""
    if session.target_type != NETWORK_INTERFACE or not session.target_id:
        return NOT_READ
    interface = snapshot.interfaces.of(session.target_id)
    if interface is NOT_READ:
        return NOT_READ
    if isinstance(interface, Missing) or interface.status != IN_USE:
        return reasons.TARGET_GONE
    if interface.instance_id is None:
        return NOT_READ  # another cloud service has it: nothing says whether it listens
    instance = snapshot.instances.of(interface.instance_id)
    if isinstance(instance, Missing):
        # An instance that nobody shows may be one that the role may not see.
        return NOT_READ
    return None if instance.status == RUNNING else reasons.TARGET_NOT_RUNNING


def accepts(accepting: Filter, pool: Pool | None) -> bool:
    """Say whether the filter takes what the pool wants, or without a pool, anything at all."""
    open_directions = {"ingress": accepting.ingress, "egress": accepting.egress}
    if pool is not None and pool.directions:
        return all(open_directions[direction] for direction in pool.directions)
    return accepting.accepts
