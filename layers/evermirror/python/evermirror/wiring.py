"""Puts the parts together once per function instance; the doors in `functions/` call nothing else.

The only reader of the process's environment, and the only place that gives the library the real
clock, randomness and network. Nothing is built before the first event needs it.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from functools import cache, cached_property

import httpx

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.rpc import Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import Vpc
from evermirror.clock import SystemClock
from evermirror.engine.run import Engine
from evermirror.errors import SettingsError
from evermirror.fc import Invocation, read_context
from evermirror.invocation import ByArn, Fc2Invoker, Fc3Invoker
from evermirror.log import Log
from evermirror.mirror import Mirror
from evermirror.notification import channel, notify
from evermirror.policy import Policy, load
from evermirror.settings import Settings
from evermirror.workers import Workers


@cache
def application() -> Application:
    """The application of this process; raises SettingsError where the environment is wrong."""
    return Application(Settings.from_environment(os.environ))  # noqa: TID251 - the one reader


class Application:
    """The use cases over real clients. Built once, used for every event of the instance."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clock = SystemClock()
        self._log = Log(sys.stdout)
        self._credentials: Credentials | None = settings.credentials

    def mirror(self, event: bytes, context: object) -> str:
        """The door of `functions/mirror`."""
        invocation = self._begin(context)
        answer = self._use_case(invocation).handle(
            event, invocation.request_id, invocation.timeout_s
        )
        return json.dumps(answer)

    def notify(self, event: bytes, context: object) -> str:
        """The door of `functions/notify`."""
        self._begin(context)
        channels = [channel(text, self._http) for text in self._settings.channels]
        return json.dumps(notify(event, channels, self._log))

    def close(self) -> None:
        """Gives connections back; an instance that the platform ends need not."""
        self._http.close()

    def _begin(self, context: object) -> Invocation:
        invocation = read_context(context)
        # A role's credentials expire, so those of the newest invocation are the ones to use.
        self._credentials = invocation.credentials or self._settings.credentials
        self._log.bind(fc_request_id=invocation.request_id, function=invocation.function)
        return invocation

    def _use_case(self, invocation: Invocation) -> Mirror:
        endpoints = Endpoints(invocation.place.region, self._settings.endpoint)
        rpc = Rpc(
            self._http,
            endpoints,
            self._auth,
            invocation.place.region,
            self._budget,
            time.monotonic,
        )
        engine = Engine(
            place=invocation.place,
            policy=self._policy,
            limits=self._settings.limits,
            sessions=Vpc(rpc),
            interfaces=Ecs(rpc),
            clock=self._clock,
            executor=Workers(),
        )
        return Mirror(
            engine=engine,
            invoker=ByArn(
                Fc2Invoker(self._current_credentials, endpoints.function_compute),
                Fc3Invoker(self._http, self._auth, endpoints.function_compute),
            ),
            log=self._log,
            clock=self._clock,
            mode=self._settings.mode,
            notify=self._settings.notify,
            itself=self._settings.mirror,
        )

    @cached_property
    def _http(self) -> httpx.Client:
        endpoint = self._settings.endpoint or "https:"
        return open_http(connections=16, verify=endpoint.startswith("https:"))

    @cached_property
    def _auth(self) -> Acs3Auth:
        return Acs3Auth(self._current_credentials, self._clock.now, lambda: uuid.uuid4().hex)

    @cached_property
    def _budget(self) -> Budget:
        return Budget(time.monotonic, self._clock.sleep, self._settings.calls_per_minute)

    @cached_property
    def _policy(self) -> Policy:
        return load(self._settings.policy)

    def _current_credentials(self) -> Credentials:
        if self._credentials is None:
            raise SettingsError(
                "no credentials: the context carries none, and ALIBABA_CLOUD_ACCESS_KEY_ID and "
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set; does the function have a role?"
            )
        return self._credentials
