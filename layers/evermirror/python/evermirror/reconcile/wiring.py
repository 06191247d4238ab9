"""Puts the sweep together, apart from mirror: it needs none of the engine that changes sessions."""

from __future__ import annotations

import json
import time
from functools import cache, cached_property

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.totals import Shortfalls
from evermirror.aliyun.vpc import Vpc
from evermirror.clients import NO_STACK_KEY, Clients, settings_of_this_process
from evermirror.fc import Invocation
from evermirror.fleet import FleetReader
from evermirror.numbering import Numbers
from evermirror.policy import Policy, load
from evermirror.reconcile.asking import capacity
from evermirror.reconcile.inquiry import Inquiry
from evermirror.reconcile.looks import Looks
from evermirror.reconcile.reclaiming import Suspects
from evermirror.reconcile.sweep import Reach, Sweep
from evermirror.settings import Settings

_OFF = "what is gone is reported and not removed; deduplication ids can be foretold"


@cache
def application() -> Application:
    """The application of this process; raises SettingsError where the environment is wrong."""
    return Application(settings_of_this_process())


class Application:
    """The sweep over real clients. Built once, used for every tick of the instance."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients = Clients(settings)
        self._looks = Looks()
        self._inquiry = Inquiry()
        self._numbers = Numbers()

    def reconcile(self, event: bytes, context: object) -> str:
        """The door of `functions/reconcile`."""
        invocation = self._clients.begin(context)
        if not self._settings.stack_key:
            self._clients.warn_once(NO_STACK_KEY, off=_OFF)
        return json.dumps(self._sweep(invocation).handle(event))

    def close(self) -> None:
        """Gives connections back; an instance that the platform ends need not."""
        self._clients.close()

    def _sweep(self, invocation: Invocation) -> Sweep:
        settings, clients = self._settings, self._clients
        region = invocation.place.region
        endpoints = Endpoints(region, settings.endpoint)
        rpc = Rpc(clients.http, endpoints, clients.auth, region, self._budget, time.monotonic)
        ecs, shortfalls = Ecs(rpc), Shortfalls()
        sessions, filters = Vpc(rpc, shortfalls), Filters(rpc, shortfalls)
        return Sweep(
            place=invocation.place,
            policy=self._policy,
            reader=FleetReader(sessions, ecs, clients.clock, filters),
            invoker=clients.invoker(endpoints),
            log=clients.log,
            clock=clients.clock,
            mode=settings.mode,
            limits=settings.limits,
            reach=Reach(
                settings.mirror,
                settings.notify,
                capacity(
                    settings.calls_per_minute,
                    settings.limits.period_s,
                    settings.limits.sources_per_call,
                ),
            ),
            suspects=Suspects(
                ecs, clients.clock, settings.sweep.reclaim, settings.sweep.reclaim_limit
            ),
            looks=self._looks,
            inquiry=self._inquiry,
            numbers=self._numbers,
            key=settings.stack_key,
            shortfalls=shortfalls,
        )

    @cached_property
    def _budget(self) -> Budget:
        return Budget(time.monotonic, self._clients.clock.sleep, self._settings.calls_per_minute)

    @cached_property
    def _policy(self) -> Policy:
        return load(self._settings.policy)
