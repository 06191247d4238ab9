"""What holds for every test: no test fails because the machine was busy.

A property that takes long now and then is no error; one that takes for ever hits the time limit
of every test.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
