"""Who runs the page, as readers of walls, forms, mails and search engines are told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from insurance_reviews.plugin import schema
from insurance_reviews.plugin.cards.mails import invitation_mail
from support.host import PREFIX, mounted
from support.world import INSURERS, World

WALL = f"{PREFIX}/products/anxin-medical"
OTHER = f"{PREFIX}/products/boshan-motor"
NOT_INDEPENDENT = "不是独立的第三方"
OWN = INSURERS["anxin"]


@pytest.mark.parametrize(
    "settings",
    [
        {"operator": OWN},
        {"operator": f" {OWN}股份有限公司"},
        {"operator": f"{OWN[:2]} {OWN[2:]}"},
        {"operator": OWN[:3]},
        {"operator": "保险商城", "operator_insurers": "anxin"},
        {"operator_insurers": ["anxin"]},
    ],
)
def test_an_insurer_is_not_independent_of_its_own_house(
    world: World, settings: dict[str, object]
) -> None:
    world.submit()
    world.submit(product="boshan-motor")
    with mounted(world, **settings) as host:
        own, other = (host.client().get(url).text for url in (WALL, OTHER))
        assert NOT_INDEPENDENT in own
        assert "application/ld+json" not in own
        assert NOT_INDEPENDENT not in other
        assert "application/ld+json" in other


def test_a_form_says_who_asks(world: World) -> None:
    token = world.invite()
    for operator, who in (("保险商城", "由保险商城代为收集"), (OWN, "（保险公司本身）")):
        with mounted(world, operator=operator) as host:
            form = host.client().get(f"{PREFIX}/i/{token}").text
            assert who in form
            assert f"由{OWN}代为收集" not in form


def test_a_mail_says_who_asks(world: World) -> None:
    world.invite()
    for operator, who in (("保险商城", "由保险商城代为收集"), (OWN, "评价由该公司自行收集")):
        with mounted(world, operator=operator) as host:
            invitation = world.read(lambda session: session.scalar(select(schema.invitation.c.id)))
            assert invitation is not None
            with host.state.work.reading() as session:
                card = invitation_mail(session, host.state, invitation)
            for form in ("html", "txt"):
                mail = host.state.renderer.render(f"mail/invitation.{form}", "zh-CN", mail=card)
                assert who in mail
                assert f"由{OWN}代为收集" not in mail
