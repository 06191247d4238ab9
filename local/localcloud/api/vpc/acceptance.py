"""Which sources of a call are taken: in which order they are looked at, and all or only the good.

Neither is documented (VPC API 2016-04-28): `behaviour.check_order`, `behaviour.bad_sources`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from localcloud.refusals import RefusedError
from localcloud.world.settings import Behaviour, Check

Checks = Mapping[Check, Callable[[Sequence[str]], None]]
"""What an operation looks at; each raises `RefusedError` if the sources are not all good."""


def taken(behaviour: Behaviour, wanted: tuple[str, ...], checks: Checks) -> tuple[str, ...]:
    """The sources that the call is done for; `RefusedError` if there are none."""
    ordered = [checks[name] for name in behaviour.check_order if name in checks]
    if behaviour.bad_sources == "leave_out":
        return _good_ones(wanted, ordered)
    for check in ordered:
        check(wanted)
    return wanted


def _good_ones(
    wanted: tuple[str, ...], checks: Sequence[Callable[[Sequence[str]], None]]
) -> tuple[str, ...]:
    good: tuple[str, ...] = ()
    refusals = []
    for source in wanted:
        # Quotas count together what is taken together.
        together = (*good, source)
        try:
            for check in checks:
                check(together)
        except RefusedError as error:
            refusals.append(error)
        else:
            good = together
    if not good:
        raise refusals[0]
    return good
