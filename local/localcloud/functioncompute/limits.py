"""How large a payload may be, for everybody who hands one to a function.

Function Compute, "Limits".
"""

from __future__ import annotations

SYNCHRONOUS_LIMIT = 32 * 1024 * 1024
ASYNCHRONOUS_LIMIT = 128 * 1024
