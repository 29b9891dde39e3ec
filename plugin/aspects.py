"""The sub-scores of a stage: which are asked for by default, and how a product may ask for
others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aspect:
    """A sub-score. The default ones have no label here: the translations word their keys."""

    key: str
    label: str | None = None
    label_en: str | None = None


#: 条款清晰 投保便捷 服务态度 · 提醒及时 缴费便捷 服务态度 · 理赔速度 流程告知 赔付结果 服务态度
DEFAULT_ASPECTS: Mapping[str, Sequence[Aspect]] = {
    "underwriting": (Aspect("clarity"), Aspect("ease"), Aspect("attitude")),
    "renewal": (Aspect("reminder"), Aspect("ease"), Aspect("attitude")),
    "claim": (Aspect("speed"), Aspect("guidance"), Aspect("outcome"), Aspect("attitude")),
}


def aspects_of(configured: Mapping[str, Sequence[Aspect]] | None, stage: str) -> tuple[Aspect, ...]:
    """The aspects asked at ``stage``: the product's own where it has some, else the default
    ones."""
    return tuple((configured or {}).get(stage, DEFAULT_ASPECTS[stage]))
