"""Puts notify together, apart from mirror: it needs neither the engine nor the cloud's calls."""

from __future__ import annotations

import json
from functools import cache

from evermirror.clients import Clients, settings_of_this_process
from evermirror.notify.delivery import channel, notify
from evermirror.notify.ordering import Newest
from evermirror.settings import Settings


@cache
def application() -> Application:
    """The application of this process; raises SettingsError where the environment is wrong."""
    return Application(settings_of_this_process())


class Application:
    """Delivery over real channels. Built once, used for every publication of the instance."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients = Clients(settings)
        self._newest = Newest()

    def notify(self, event: bytes, context: object) -> str:
        """The door of `functions/notify`."""
        self._clients.begin(context)
        channels = [channel(text, self._clients.http) for text in self._settings.channels]
        now = self._clients.clock.now()
        return json.dumps(notify(event, channels, self._clients.log, self._newest, now))

    def close(self) -> None:
        """Gives connections back; an instance that the platform ends need not."""
        self._clients.close()
