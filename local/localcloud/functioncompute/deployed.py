"""A deployed function: its instances, started when needed and reused while they are warm."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

from localcloud.credentials import Caller, Key, Keyring
from localcloud.functioncompute.environment import Placement
from localcloud.functioncompute.functionlog import FunctionLog
from localcloud.functioncompute.instance import (
    Answer,
    Instance,
    InstanceError,
)
from localcloud.functioncompute.resources import Function


class ThrottledError(Exception):
    """As many invocations run as the function's concurrency allows."""


class DeployedFunction:
    """Runs invocations of one function.

    `instances` is what this machine can carry: beyond it invocations wait, as they wait for a
    slow start elsewhere. The function's own concurrency limit refuses instead (429).
    """

    def __init__(
        self,
        function: Function,
        placement: Placement,
        keyring: Keyring,
        log: FunctionLog,
        draw: Callable[[], str],
        instances: int = 4,
    ) -> None:
        self.function = function
        self.log = log
        self._placement = placement
        self._keyring = keyring
        self._draw = draw
        self._room = asyncio.Semaphore(instances)
        self._running = 0
        self._instances: dict[str, Instance] = {}
        self._keys: dict[str, str] = {}

    @property
    def running(self) -> int:
        """How many invocations run, or wait for room on this machine."""
        return self._running

    @property
    def instance_ids(self) -> tuple[str, ...]:
        return tuple(self._instances)

    @property
    def process_ids(self) -> tuple[int, ...]:
        return tuple(one.process_id for one in self._instances.values())

    async def invoke(
        self, request_id: str, payload: bytes, retry_count: int = 0
    ) -> tuple[Answer, str]:
        """The answer and the instance it is from; `ThrottledError` at the concurrency limit.

        A crash or a time-out is an answer as well: the function error that the platform makes
        of it (Function Compute, "Error handling").
        """
        limit = self.function.concurrency
        if limit is not None and self._running >= limit:
            raise ThrottledError(self.function.name)
        self._running += 1
        try:
            async with self._room, self._instance() as instance:
                answer = await self._answer(instance, request_id, payload, retry_count)
                return answer, instance.instance_id
        finally:
            self._running -= 1

    async def _answer(
        self, instance: Instance, request_id: str, payload: bytes, retry_count: int
    ) -> Answer:
        failure = ""
        try:
            answer = await instance.invoke(request_id, payload, retry_count)
        except InstanceError as error:
            failure = str(error)
            answer = _failure(failure)
        finally:
            # Whatever a call on the way may have done to it, a dead instance is not used again.
            if not instance.usable:
                await self._discard(instance)
        if failure:
            # The process could not write this line any more.
            line = f"FC Invoke End RequestId: {request_id}, Error: {failure}"
            await self.log.add(self.function.name, instance.instance_id, line)
        return answer

    @contextlib.asynccontextmanager
    async def _instance(self) -> AsyncIterator[Instance]:
        instance = await self._idle() or await self._start()
        instance.busy = True
        try:
            yield instance
        finally:
            instance.busy = False

    async def _idle(self) -> Instance | None:
        for instance in [one for one in self._instances.values() if not one.busy]:
            if not instance.usable:
                await self._discard(instance)
            elif not instance.busy:
                return instance
        return None

    async def _start(self) -> Instance:
        instance_id = f"c-{self._draw()}"
        key = self._key(instance_id)
        instance = await Instance.start(instance_id, self.function, self._placement, key, self.log)
        instance.busy = True
        self._instances[instance_id] = instance
        return instance

    def _key(self, instance_id: str) -> Key | None:
        """What the platform gets when it assumes the function's role for an instance."""
        role = self.function.role
        if role is None:
            return None
        caller = Caller(self.function.name, instance_id)
        key = self._keyring.issue(caller, role.policy, role.arn)
        self._keys[instance_id] = key.access_key_id
        return key

    async def _discard(self, instance: Instance) -> None:
        if self._instances.pop(instance.instance_id, None) is not None:
            access_key_id = self._keys.pop(instance.instance_id, None)
            if access_key_id is not None:
                self._keyring.revoke(access_key_id)
            await instance.close()

    def kill(self, instance_id: str | None = None) -> int:
        """SIGKILL to one instance or to all; how many there were."""
        found = [one for one in self._instances.values() if instance_id in {None, one.instance_id}]
        for instance in found:
            instance.kill()
        return len(found)

    async def close(self) -> None:
        """End all instances, those that are idle in an orderly way."""
        instances = list(self._instances.values())
        await asyncio.gather(*(one.stop(f"{one.instance_id}-stop") for one in instances))
        await asyncio.gather(*(self._discard(one) for one in instances))


def _failure(message: str) -> Answer:
    return Answer(True, json.dumps({"errorMessage": message}).encode(), 0.0)
