"""Answers as bytes. Every answer of the API leaves through here, so that a format is one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.api.xml import document
from localcloud.messages import Response
from localcloud.refusals import RefusedError
from localcloud.world.ledger import Answered

_TROUBLESHOOT = "https://api.aliyun.com/troubleshoot"


@dataclass(frozen=True, slots=True)
class Form:
    """How an answer is written: as JSON, or as XML whose outermost element is named here."""

    xml_root: str | None = None

    def written(self, body: Mapping[str, Any]) -> tuple[str, str]:
        """Content type and text. Clients know XML by exactly this content type."""
        if self.xml_root is not None:
            return "text/xml;charset=utf-8", document(self.xml_root, body)
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return "application/json;charset=utf-8", text


def answer(
    answered: Answered, form: Form, headers: Mapping[str, str], truncate: int | None
) -> Response:
    """An answer in the form that was asked for."""
    content_type, text = form.written(answered.body)
    all_headers = {
        "content-type": content_type,
        "x-acs-request-id": str(answered.body.get("RequestId", "")),
        **headers,
    }
    return Response(answered.status, all_headers, text.encode("utf-8", "replace"), truncate)


def error_body(error: RefusedError, request_id: str, host: str, product: str) -> dict[str, Any]:
    """The body of an error answer: its five keys, and what the error adds."""
    return {
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"{_TROUBLESHOOT}?q={error.code}" + (f"&product={product}" if product else ""),
        **error.detail,
    }
