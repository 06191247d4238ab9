"""Observe, plan, act: from what is wanted and what is there to one outcome for each interface.

An event is a hint; the interface is the work. The engine looks at the world (`observe`), decides
what to do about it without touching anything (`plan`), does it (`act`), and looks again, until
every interface has an outcome or the time is spent (`run`).
"""
