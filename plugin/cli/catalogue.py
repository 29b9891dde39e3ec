"""Insurers, products, storefronts and tokens."""

from __future__ import annotations

import click

from ..current import get_state
from ..schema import STAGES
from ..services import catalogue
from .common import in_app


@click.group("insurer")
def insurer_group() -> None:
    """Insurers, each with a log of its own."""


@insurer_group.command("add")
@click.argument("slug")
@click.argument("name")
@click.option("--name-en", help="The name in English.")
@in_app
def add_insurer(slug: str, name: str, name_en: str | None) -> None:
    """Register an insurer and open its log."""
    state = get_state()
    ref = state.work.write(
        lambda session: catalogue.add_insurer(
            session, state.context, slug, name, state.clock(), name_en=name_en
        )
    )
    click.echo(f"{slug}: log {ref.origin} is open")


@click.group("product")
def product_group() -> None:
    """Products of an insurer."""


@product_group.command("add")
@click.argument("sku")
@click.argument("insurer")
@click.argument("name")
@click.option("--name-en", help="The name in English.")
@click.option(
    "--stage", "stages", multiple=True, type=click.Choice(STAGES), help="Default: all stages."
)
@in_app
def add_product(
    sku: str, insurer: str, name: str, name_en: str | None, stages: tuple[str, ...]
) -> None:
    """Register a product. Its SKU and its insurer are for ever."""
    state = get_state()
    state.work.write(
        lambda session: catalogue.add_product(
            session, sku, insurer, name, state.clock(), name_en=name_en, stages=stages or STAGES
        )
    )
    click.echo(f"{sku}: {state.settings.base_url}/products/{sku}")


@click.group("storefront")
def storefront_group() -> None:
    """Shops that send policy events and embed the walls."""


@storefront_group.command("add")
@click.argument("slug")
@click.argument("name")
@click.option("--insurer", "insurers", multiple=True, required=True, help="May be repeated.")
@click.option("--origin", "origins", multiple=True, help="Such as https://shop.example.")
@in_app
def add_storefront(
    slug: str, name: str, insurers: tuple[str, ...], origins: tuple[str, ...]
) -> None:
    """Register a storefront, the insurers it may sell, and where it embeds the walls."""
    state = get_state()
    state.work.write(
        lambda session: catalogue.add_storefront(
            session, slug, name, state.clock(), insurers=insurers, origins=origins
        )
    )
    click.echo(
        f"{slug}: registered; give it a token with: flask reviews token issue storefront {slug}"
    )


@click.group("token")
def token_group() -> None:
    """API tokens, stored hashed."""


@token_group.command("issue")
@click.argument("role", type=click.Choice(catalogue.ROLES))
@click.argument("subject")
@click.option("--label", default="", help="Whom or what it is for.")
@in_app
def issue_token(role: str, subject: str, label: str) -> None:
    """Issue a token for a storefront, an insurer or an authority. It is shown once."""
    state = get_state()
    token = state.work.write(
        lambda session: catalogue.issue_token(session, role, subject, state.clock(), label=label)
    )
    click.echo(token)


@token_group.command("list")
@in_app
def list_tokens() -> None:
    """List the tokens: the beginning of each one's hash, whom it is for, when it was issued."""
    with get_state().work.reading() as session:
        tokens = catalogue.list_tokens(session)
    for token in tokens:
        state = "revoked" if token.revoked else "valid"
        issued = token.created_at.date().isoformat()
        click.echo(
            f"{token.prefix}  {issued}  {state}  {token.role} {token.subject}  {token.label}"
        )


@token_group.command("revoke")
@click.argument("prefix")
@in_app
def revoke_token(prefix: str) -> None:
    """Make a token worthless, by the beginning of its hash as `token list` shows it."""
    state = get_state()
    state.work.write(lambda session: catalogue.revoke_token(session, prefix, state.clock()))
    click.echo("revoked")
