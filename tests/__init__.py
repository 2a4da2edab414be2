"""Tests; hypothesis draws the same examples each time, and a busy machine fails none of them."""

import os

from hypothesis import settings

settings.register_profile("groove", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "groove"))
