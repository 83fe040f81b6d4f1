"""Where the real data and texts of the tests are; without them the tests that need them skip."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """A file or folder of the shared material; skips the calling test when it is not there."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs {path} of the shared material, which is not beside this checkout")
    return found
