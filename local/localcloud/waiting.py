"""Work that waits in queues and asynchronous invocations, as it outlives a restart.

A state without it would be a world whose queues forgot what was promised: what EventBridge and
Function Compute once took on, they keep.
"""

from __future__ import annotations

from pydantic import Base64Bytes, BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WaitingMessage(_Strict):
    """A message of a queue, received so many times and not deleted."""

    id: str
    body: str
    sent_at: float
    receives: int = 0


class WaitingQueue(_Strict):
    """A queue's messages, oldest first, and how many were ever sent to it."""

    name: str
    sent: int
    messages: tuple[WaitingMessage, ...] = ()


class WaitingInvocation(_Strict):
    """An asynchronous invocation that was accepted and has not ended."""

    request_id: str
    function: str
    payload: Base64Bytes
    task_id: str | None = None
    accepted_at: float
    attempts: int = 0


class UsedTaskId(_Strict):
    """A deduplication id that a function has seen."""

    function: str
    task_id: str


class Waiting(_Strict):
    """All of it."""

    queues: tuple[WaitingQueue, ...] = ()
    invocations: tuple[WaitingInvocation, ...] = ()
    task_ids: tuple[UsedTaskId, ...] = ()
