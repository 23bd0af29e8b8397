"""Hypothesis without wall-clock deadlines: a busy machine is no fault of the code; growth is tested in CPU time."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("postfach", deadline=None)
settings.load_profile("postfach")
