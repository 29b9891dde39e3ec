"""Receipts as writers download them, made of a shop of files."""

from __future__ import annotations

from typing import Any

from insurance_reviews.moderation.tlog.merkle import Node, grow, leaf_hash, prove_inclusion
from insurance_reviews.moderation.tlog.proof import Receipt

from .static_log import StaticShop, signed_checkpoint


def proof_of(shop: StaticShop, index: int) -> Receipt:
    """The .tlog-proof of an entry against the log as it stands."""
    nodes: dict[Node, bytes] = {}
    frontier: list[bytes] = []
    for size, leaf in enumerate(shop.leaves):
        completed, frontier = grow(size, frontier, leaf_hash(leaf))
        nodes.update({(level, number): digest for level, number, digest in completed})
    hashes = prove_inclusion(
        index, len(shop.leaves), lambda wanted: [nodes[node] for node in wanted]
    )
    return Receipt(index, tuple(hashes), signed_checkpoint(shop.leaves, *shop.signers))


def receipt_json(shop: StaticShop, review: dict[str, Any]) -> dict[str, Any]:
    """The JSON that the writer of ``review`` downloads."""
    index = review["log"]["index"]
    return {
        "version": 1,
        "log": {"origin": shop.origin, "url": "https://shop.example/log/", "key": shop.key},
        "index": index,
        "leaf": shop.leaves[index].decode(),
        "item": review["item"],
        "salt": review["salt"],
        "name": review["display_name"] if review["item"] else None,
        "text": review["text"],
        "author_key": review.get("author_key"),
        "proof": proof_of(shop, index).format(),
    }
