"""For all tests: no example of a property fails because the machine was slow."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("isthmus", deadline=None, print_blob=True)
settings.load_profile("isthmus")
