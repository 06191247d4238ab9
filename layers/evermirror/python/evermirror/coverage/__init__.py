"""Coverage: how every interface stands to the policy, as a number and as lists, told to others.

`counting` compares what was read, and is `known` besides, `report` holds the result, `telling`
writes it down.
"""

from evermirror.coverage.counting import coverage
from evermirror.coverage.known import NOTHING_MORE, Known, never_because
from evermirror.coverage.report import Coverage, Listed, Status, remedies, unknown_because
from evermirror.coverage.telling import publication, to_wire

__all__ = [
    "NOTHING_MORE",
    "Coverage",
    "Known",
    "Listed",
    "Status",
    "coverage",
    "never_because",
    "publication",
    "remedies",
    "to_wire",
    "unknown_because",
]
