"""Puts the webhook together, apart from the other functions: it needs none of their engine."""

from __future__ import annotations

import sys
from functools import cache

from evermirror.aliyun.endpoints import Endpoints
from evermirror.clients import Clients, settings_of_this_process
from evermirror.errors import SettingsError
from evermirror.log import Log
from evermirror.settings import Settings
from evermirror.webhook import exchange
from evermirror.webhook.api import Api
from evermirror.webhook.asking import Asking, not_configured
from evermirror.webhook.door import Door
from evermirror.webhook.signature import Secrets


def answer(event: bytes, context: object) -> str:
    """The door of `functions/webhook`: the answer to an event of an HTTP trigger; never raises."""
    try:
        return application().webhook(event, context)
    except SettingsError as error:
        # What is wrong is for those who deployed it; strangers are told that it is not their fault.
        Log(sys.stdout).error("not configured", problem=str(error))
        return exchange.written(exchange.refusal(not_configured()))


@cache
def application() -> Application:
    """The application of this process; raises SettingsError where the environment is wrong."""
    return Application(settings_of_this_process())


class Application:
    """The webhook over real clients. Built once, used for every event of the instance."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where no secret, or none that is one, is set."""
        self._settings = settings
        self._clients = Clients(settings)
        self._secrets = Secrets(settings.webhook_secrets)
        self._doors: dict[str, Door] = {}

    def webhook(self, event: bytes, context: object) -> str:
        """Answers one event; raises SettingsError where the context is not the platform's."""
        region = self._clients.begin(context).place.region
        if region not in self._doors:
            self._doors[region] = self._door(region)
        return self._doors[region].answer(event)

    def close(self) -> None:
        """Gives connections back; an instance that the platform ends need not."""
        self._clients.close()

    def _door(self, region: str) -> Door:
        endpoints = Endpoints(region, self._settings.endpoint)
        asking = Asking(
            self._clients.invoker(endpoints),
            self._settings.mode,
            self._settings.mirror,
            self._secrets.deduplication_id,
            self._clients.log.asked,
        )
        return Door(Api(asking), self._secrets, self._clients.log, self._clients.clock.now)
