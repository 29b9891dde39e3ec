"""Nobody waits in these tests."""

from __future__ import annotations

import pytest

from insurance_reviews.moderation.verify import live, witnesses


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once."""
    for module in (live, witnesses):
        monkeypatch.setattr(module, "PAUSE", 0.0)
