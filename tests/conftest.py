"""How many cases the property tests try: few on every change, many with HYPOTHESIS_PROFILE=thorough."""

import os

from hypothesis import settings

settings.register_profile("every_change", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "every_change"))
