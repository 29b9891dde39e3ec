"""The desk's page about embedding, filled in."""

from __future__ import annotations

from decimal import Decimal

from insurance_reviews.widgets.cards import LinkCard
from insurance_reviews.widgets.embed_cards import (
    BadgeCard,
    EmbedCard,
    ProductEmbedCard,
    ScriptCard,
)

from . import samples as s

BADGE = BadgeCard("light", "保单持有人的评价：平均 4.35 星", "1,234 条评价", Decimal("4.35"), 224)
NO_BADGE = BadgeCard("dark", "还没有评价", "暂无评价", None, 177)

EMBED = EmbedCard(
    insurer_name=s.MEDICAL.insurer_name,
    products=(
        LinkCard(s.MEDICAL.name, "?product=a", True),
        LinkCard("“引号”<b>与标签", "?product=b"),
    ),
    shown=ProductEmbedCard(
        product=s.MEDICAL,
        frame_url="https://shop.example/reviews/frame/wall?product=a",
        preview_url="/reviews/frame/wall?product=a",
        badge_url="https://shop.example/reviews/badge/a.svg",
        badge_path="/reviews/badge/a.svg",
        badge=BADGE,
        summary_url="https://shop.example/reviews/api/v1/products/a/summary",
        reviews_url="https://shop.example/reviews/api/v1/products/a/reviews",
    ),
    define=ScriptCard("https://shop.example/reviews/static/define.0123456789ab.js", "sha384-x"),
    frames=ScriptCard("https://shop.example/reviews/static/frames.0123456789ab.js", "sha384-y"),
    origins=("https://shop.example", "https://another.example"),
)
