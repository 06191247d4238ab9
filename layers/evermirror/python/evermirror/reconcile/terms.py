"""By what coverage is judged, out of the settings: the same for the sweep and for a person."""

from __future__ import annotations

from evermirror.coverage import Terms
from evermirror.settings import Settings


def terms_of(settings: Settings) -> Terms:
    """By what a deployment judges coverage."""
    return Terms(
        grace_s=settings.sweep.grace_s,
        period_s=settings.sweep.interval_s,
        sources_per_session=settings.limits.sources_per_session,
        max_sources=settings.limits.max_sources,
        growing=settings.limits.allow_growth,
    )
