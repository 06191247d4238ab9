"""The fixture that serves worlds to use-case tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from localcloud.testing import serving
from tests.worlds import a_fleet

from .sweeping import Sweeper
from .writers import World


class Serve(Protocol):
    def __call__(
        self,
        interfaces: Sequence[dict[str, Any] | int],
        sessions: Sequence[dict[str, Any] | int],
        **more: Any,
    ) -> World: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves worlds of this test's making for as long as the test runs."""
    with ExitStack() as stack:

        def serve_fleet(
            interfaces: Sequence[dict[str, Any] | int],
            sessions: Sequence[dict[str, Any] | int],
            **more: Any,
        ) -> World:
            fleet = a_fleet(interfaces, sessions, **more)
            return World(stack.enter_context(serving(fleet, speed=0)), stack)

        yield serve_fleet


class Sweeping(Protocol):
    def __call__(self, world: World, **how: Any) -> Sweeper: ...


@pytest.fixture
def sweeping() -> Iterator[Sweeping]:
    """Sweepers over a world, for as long as the test runs."""
    with ExitStack() as stack:

        def make(world: World, **how: Any) -> Sweeper:
            sweeper = Sweeper(world, **how)
            stack.callback(sweeper.close)
            return sweeper

        yield make
