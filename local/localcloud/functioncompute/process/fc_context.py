"""The second argument of a handler, in the shape of the function's runtime.

Function Compute, "Context": 3.12 dropped what the environment holds anyhow.
"""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any


class FCContext(SimpleNamespace):
    """The second argument of a handler."""

    def getLogger(self) -> logging.Logger:  # noqa: N802 - the platform's name
        self.logger = logging.getLogger()
        return self.logger

    get_logger = getLogger


def context_of(start: dict[str, Any], invocation: dict[str, Any]) -> FCContext:
    """The context in the shape of the runtime: 3.12 dropped what the environment holds."""
    function = dict(start["function"])
    common = {
        "request_id": invocation["request_id"],
        "account_id": start["account_id"],
        "region": start["region"],
        "logger": None,
    }
    logs = {"log_project": start["log_project"], "log_store": start["log_store"]}
    version = {"version_id": "", "qualifier": "LATEST"}
    if start["runtime"] != "python3.10":
        function.update(version)
        return FCContext(**common, **logs, function=SimpleNamespace(**function))
    # The older runtime passes the header on as it came, a string.
    function["timeout"] = str(function["timeout"])
    tracing = {"span_context": "", "jaeger_endpoint": "", "span_baggages": {}}
    return FCContext(
        **common,
        requestId=invocation["request_id"],
        credentials=SimpleNamespace(**start["credentials"]),
        function=SimpleNamespace(**function),
        service=SimpleNamespace(name="", **logs, **version),
        tracing=SimpleNamespace(**tracing),
        retry_count=invocation["retry_count"],
    )
