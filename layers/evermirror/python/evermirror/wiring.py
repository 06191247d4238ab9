"""Puts mirror together once per function instance; its door calls nothing else.

Nothing is built before the first event needs it.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.totals import REMEDY, Shortfall, Shortfalls
from evermirror.aliyun.vpc import Vpc
from evermirror.clients import NO_STACK_KEY, Clients, settings_of_this_process
from evermirror.engine.learned import Learned
from evermirror.engine.run import Engine
from evermirror.fc import Invocation
from evermirror.mirror import Healer, Mirror, Reclaimer
from evermirror.numbering import Numbers
from evermirror.policy import Policy, load
from evermirror.settings import Reclaiming, Settings, Switch
from evermirror.workers import Workers

if TYPE_CHECKING:
    from evermirror.engine.removals import Removals
    from evermirror.healing.pace import Pace

_OFF = (
    "requests to reclaim are refused; a heal that takes too long for one invocation goes on as a "
    "plain look, or is left to the sweep; deduplication ids can be foretold"
)


@cache
def application() -> Application:
    """The application of this process; raises SettingsError where the environment is wrong."""
    return Application(settings_of_this_process())


class Application:
    """The use case over real clients. Built once, used for every event of the instance."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients = Clients(settings)
        self._learned = Learned()
        self._numbers = Numbers()

    def mirror(self, event: bytes, context: object) -> str:
        """The door of `functions/mirror`."""
        invocation = self._clients.begin(context)
        if not self._settings.stack_key:
            self._clients.warn_once(NO_STACK_KEY, off=_OFF)
        answer = self._use_case(invocation).handle(
            event, invocation.request_id, invocation.timeout_s
        )
        return json.dumps(answer)

    def close(self) -> None:
        """Gives connections back; an instance that the platform ends need not."""
        self._clients.close()

    def _use_case(self, invocation: Invocation) -> Mirror:
        endpoints = Endpoints(invocation.place.region, self._settings.endpoint)
        rpc = Rpc(
            self._clients.http,
            endpoints,
            self._clients.auth,
            invocation.place.region,
            self._budget,
            time.monotonic,
        )
        engine = Engine(
            place=invocation.place,
            policy=self._policy,
            limits=self._settings.limits,
            sessions=Vpc(rpc, Shortfalls(self._warn)),
            interfaces=Ecs(rpc),
            filters=Filters(rpc),
            clock=self._clients.clock,
            executor=Workers(),
            learned=self._learned,
            chance=random.random,
        )
        return Mirror(
            engine=engine,
            invoker=self._clients.invoker(endpoints),
            log=self._clients.log,
            clock=self._clients.clock,
            mode=self._settings.mode,
            notify=self._settings.notify,
            itself=self._settings.mirror,
            reclaim=self._reclaim(engine),
            healing=self._healing(engine) if self._settings.healing is Switch.ON else None,
            numbers=self._numbers,
            key=self._settings.stack_key,
            function=invocation.function,
        )

    def _warn(self, shortfall: Shortfall) -> None:
        message = "a list does not fit its total, and was taken"
        self._clients.log.warning(message, **shortfall.plain(), remedy=REMEDY)

    def _healing(self, engine: Engine) -> Callable[[], Healer]:
        # A changed session is rare, so only the instance that hears of one pays for importing this.
        def healing() -> Healer:
            from evermirror.healing.healing import healing_of  # noqa: PLC0415

            # Handed over unsigned, a heal would come back as a plain look that quotes nobody.
            hands_over = self._settings.mirror is not None and bool(self._settings.stack_key)
            return healing_of(engine, self._pace, hands_over=hands_over)

        return healing

    @cached_property
    def _pace(self) -> Pace:
        from evermirror.healing.pace import Pace  # noqa: PLC0415 - as above

        return Pace(self._settings.heals_per_hour)

    def _reclaim(self, engine: Engine) -> Reclaimer | None:
        if self._settings.sweep.reclaim is not Reclaiming.ON:
            return None
        # Most instances of mirror never remove anything, so they do not pay for importing it.
        from evermirror.engine.reclaim import Reclaim  # noqa: PLC0415

        return Reclaim(
            engine.place,
            engine.policy,
            engine.sessions,
            engine.interfaces,
            engine.clock,
            self._removals,
            engine.limits.stale_bound_s,
        )

    @cached_property
    def _removals(self) -> Removals:
        from evermirror.engine.removals import Removals  # noqa: PLC0415 - as above

        return Removals(self._settings.sweep.reclaim_limit)

    @cached_property
    def _budget(self) -> Budget:
        return Budget(time.monotonic, self._clients.clock.sleep, self._settings.calls_per_minute)

    @cached_property
    def _policy(self) -> Policy:
        return load(self._settings.policy)
