"""The shop-facing application. ``from insurance_reviews.plugin import InsuranceReviews, Staff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .extension import InsuranceReviews
    from .identity import Staff

__all__ = ["InsuranceReviews", "Staff"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are asked for: tables and services need no Flask."""
    if name == "InsuranceReviews":
        from .extension import InsuranceReviews

        return InsuranceReviews
    if name == "Staff":
        from .identity import Staff

        return Staff
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
