"""What every function needs of the outside, kept apart so that each function pays for it alone.

The only reader of the process's environment, and where the library gets the real clock, randomness
and network. Nothing is built before it is needed, so a function opens only what it uses.
"""

from __future__ import annotations

import os
import sys
import uuid
from functools import cached_property

import httpx

from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.rpc import open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.clock import SystemClock
from evermirror.errors import SettingsError
from evermirror.fc import Invocation, read_context
from evermirror.invocation import ByArn, Fc2Invoker, Fc3Invoker, Invoker, Sent
from evermirror.log import Log
from evermirror.settings import Settings

NO_STACK_KEY = "EVERMIRROR_STACK_KEY is not set"
ID_WAS_KNOWN = "the platform knew the id of a first attempt, and runs nothing for it"


def settings_of_this_process() -> Settings:
    """What the deployment decides; raises SettingsError where the environment is wrong."""
    return Settings.from_environment(os.environ)  # noqa: TID251 - the one reader


class Clients:
    """Clock, log, network and credentials. Built once, used for every event of the instance."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.log = Log(sys.stdout)
        self._credentials: Credentials | None = settings.credentials
        self._warned: set[str] = set()
        self._sent = Sent()

    def begin(self, context: object) -> Invocation:
        """Reads the context of an invocation; its credentials and log fields hold from here on."""
        invocation = read_context(context)
        # A role's credentials expire, so those of the newest invocation are the ones to use.
        self._credentials = invocation.credentials or self.settings.credentials
        self.log.bind(fc_request_id=invocation.request_id, function=invocation.function)
        return invocation

    def warn_once(self, message: str, **fields: object) -> None:
        """Says of this instance what is as it was when it began."""
        if message not in self._warned:
            self._warned.add(message)
            self.log.warning(message, **fields)

    def invoker(self, endpoints: Endpoints) -> Invoker:
        """Invokes functions of either generation."""
        return ByArn(
            Fc2Invoker(self._current_credentials, endpoints.function_compute),
            Fc3Invoker(self.http, self.auth, endpoints.function_compute),
            self._warn_of_a_known_id,
            self._sent,
        )

    def _warn_of_a_known_id(self, function: str, deduplication_id: str) -> None:
        self.log.warning(ID_WAS_KNOWN, invoked=function, deduplication_id=deduplication_id)

    def close(self) -> None:
        """Gives connections back; an instance that the platform ends need not."""
        self.http.close()

    @cached_property
    def http(self) -> httpx.Client:
        endpoint = self.settings.endpoint or "https:"
        return open_http(connections=16, verify=endpoint.startswith("https:"))

    @cached_property
    def auth(self) -> Acs3Auth:
        return Acs3Auth(self._current_credentials, self.clock.now, lambda: uuid.uuid4().hex)

    def _current_credentials(self) -> Credentials:
        if self._credentials is None:
            raise SettingsError(
                "no credentials: the context carries none, and ALIBABA_CLOUD_ACCESS_KEY_ID and "
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set; does the function have a role?"
            )
        return self._credentials
