"""Answers as bytes. Every answer of the API leaves through here, so that a format is one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localcloud.messages import Response
from localcloud.refusals import RefusedError

_TROUBLESHOOT = "https://api.aliyun.com/troubleshoot"


def answer(
    status: int, body: Mapping[str, Any], headers: Mapping[str, str], truncate: int | None
) -> Response:
    """An answer in JSON, which is what clients of signature version 3 ask for."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    all_headers = {
        "content-type": "application/json;charset=utf-8",
        "x-acs-request-id": str(body.get("RequestId", "")),
        **headers,
    }
    return Response(status, all_headers, text.encode("utf-8", "replace"), truncate)


def error_body(error: RefusedError, request_id: str, host: str, product: str) -> dict[str, Any]:
    """The body of an error answer, with its five keys."""
    return {
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"{_TROUBLESHOOT}?q={error.code}" + (f"&product={product}" if product else ""),
    }
