"""The roles that a visitor of the demo can step into with one click."""

from __future__ import annotations

from dataclasses import dataclass

from insurance_reviews.demo_shop.catalogue import Insurer, load
from insurance_reviews.plugin import Staff
from insurance_reviews.plugin.identity import Role

REGULATOR = "国家金融监督管理总局"


@dataclass(frozen=True, slots=True)
class Identity:
    """A role in the demo. ``desk`` is where it works, below the plugin's prefix."""

    key: str
    staff: Staff
    title: str
    task: str
    desk: str


def _staff(insurer: Insurer, role: Role, title: str) -> Staff:
    name = f"{insurer.name}{title}"
    return Staff(f"{role}-{insurer.slug}", name, insurer.slug, frozenset({role}))


def _of_insurer(insurer: Insurer) -> tuple[Identity, Identity]:
    reply = _staff(insurer, "reply", "客服专员")
    compliance = _staff(insurer, "compliance", "合规专员")
    return (
        Identity(reply.id, reply, "客服专员", "看评价，公开回复", "/desk/"),
        Identity(
            compliance.id,
            compliance,
            "合规专员",
            "向监管报告，再依报告处理文字",
            "/desk/compliance",
        ),
    )


def of_insurer(slug: str) -> tuple[Identity, Identity]:
    """The two desks of an insurer: service and compliance."""
    return _of_insurer(load().insurer(slug))


def regulator() -> Identity:
    """Whoever receives the insurers' reports."""
    staff = Staff("regulator", REGULATOR, None, frozenset({"regulator"}))
    return Identity(
        staff.id, staff, "监管人员", "查看各家公司的报告，确认或提出异议", "/regulator/"
    )


def find(key: str | None) -> Identity | None:
    """The role of this key, or ``None``."""
    known = [one for insurer in load().insurers for one in of_insurer(insurer.slug)]
    return next((one for one in [*known, regulator()] if one.key == key), None)
