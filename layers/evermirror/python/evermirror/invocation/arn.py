"""Reads a function's ARN, because its form alone tells which Function Compute it lives in."""

from __future__ import annotations

import re
from typing import NamedTuple

from evermirror.errors import SettingsError
from evermirror.stack_key import Recipient

_PLACE = r"acs:fc:(?P<region>[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*):(?P<account>[0-9]{5,20}):"
_NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,127}"
_QUALIFIER = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,127}"

FC3 = re.compile(
    rf"{_PLACE}functions/(?P<function>{_NAME}(?:\${_NAME})?)(?:[./](?P<qualifier>{_QUALIFIER}))?"
)
FC2 = re.compile(
    rf"{_PLACE}services/(?P<service>{_NAME})(?:\.(?P<qualifier>{_QUALIFIER}))?"
    rf"/functions/(?P<function>{_NAME})"
)


class FunctionArn(NamedTuple):
    """A function's name in full. Only Function Compute 2.0 has a `service`.

    `qualifier` is a version or an alias; None is the platform's choice (LATEST).
    """

    region: str
    account_id: str
    function: str
    service: str | None = None
    qualifier: str | None = None

    @property
    def recipient(self) -> Recipient:
        """Whom a request is for that is sent there, whichever version answers it."""
        return Recipient(self.account_id, self.region, self.function)


def parse(text: str) -> FunctionArn:
    """Read an ARN of either generation; raises SettingsError, with the two forms, for others."""
    found = FC3.fullmatch(text) or FC2.fullmatch(text)
    if found is None:
        raise SettingsError(
            f"{text[:300]!r} is no function's ARN; expected "
            "acs:fc:{region}:{account}:functions/{function} or "
            "acs:fc:{region}:{account}:services/{service}.{qualifier}/functions/{function}"
        )
    named = found.groupdict()
    return FunctionArn(
        named["region"],
        named["account"],
        named["function"],
        named.get("service"),
        named["qualifier"],
    )
