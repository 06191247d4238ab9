"""Waiting for whichever of several things comes first, leaving nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Return when the first is done; the others are cancelled."""
    tasks = [asyncio.create_task(_finished(one)) for one in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _finished(wait: Coroutine[Any, Any, object]) -> None:
    await wait
