"""The public log over HTTP: C2SP tlog-tiles, and a page for people."""

from __future__ import annotations

from hashlib import sha256

import pytest

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.merkle import leaf_hash
from insurance_reviews.moderation.tlog.note import Verifier, open_note
from insurance_reviews.moderation.tlog.tile import parse_bundle, parse_tile
from support.answers import check_headers, check_refusal
from support.host import PREFIX, Host
from support.pages import Browser
from support.world import TEXT

LOG = f"{PREFIX}/log/anxin"


def tree_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, written out again."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + tree_root(hashes[:half]) + tree_root(hashes[half:])).digest()


def test_a_stranger_can_recompute_the_root(host: Host) -> None:
    """From the entries alone, and the tiles are the hashes of the entries."""
    for _ in range(4):
        host.world.submit(text=TEXT)
    client = host.client()
    note = client.get(f"{LOG}/checkpoint").get_data(as_text=True)
    key = Verifier.parse(client.get(f"{LOG}/key").get_data(as_text=True).removesuffix("\n"))
    checkpoint = Checkpoint.parse(open_note(note, key).text)
    assert (checkpoint.origin, checkpoint.size) == ("shop.example/reviews/log/anxin", 9)
    leaves = parse_bundle(client.get(f"{LOG}/tile/entries/000.p/9").get_data())
    hashes = parse_tile(client.get(f"{LOG}/tile/0/000.p/9").get_data())
    assert hashes == [leaf_hash(leaf) for leaf in leaves]
    assert tree_root(hashes) == checkpoint.root
    assert not [leaf for leaf in leaves if TEXT.encode() in leaf]


def test_tiles_never_change_and_may_be_kept(host: Host) -> None:
    client = host.client()
    host.world.submit()
    tile = client.get(f"{LOG}/tile/0/000.p/3")
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert tile.headers["Access-Control-Allow-Origin"] == "*"
    assert tile.content_type == "application/octet-stream"
    checkpoint = client.get(f"{LOG}/checkpoint")
    assert checkpoint.headers["Cache-Control"] == "no-cache"
    host.world.submit()
    assert client.get(f"{LOG}/tile/0/000.p/3").get_data() == tile.get_data()
    for answer in (tile, checkpoint):
        check_headers(answer)


def test_a_full_bundle(host: Host) -> None:
    """256 entries make a tile that is whole, and one of the next level."""
    for _ in range(128):
        host.world.submit(text=None)
    client = host.client()
    leaves = parse_bundle(client.get(f"{LOG}/tile/entries/000").get_data())
    assert len(leaves) == 256
    hashes = [leaf_hash(leaf) for leaf in leaves]
    assert parse_tile(client.get(f"{LOG}/tile/0/000").get_data()) == hashes
    assert parse_tile(client.get(f"{LOG}/tile/1/000.p/1").get_data()) == [tree_root(hashes)]
    assert len(parse_bundle(client.get(f"{LOG}/tile/entries/001.p/1").get_data())) == 1
    page = Browser(client).open(f"{LOG}/")
    assert "257" in page.text
    for link in page.links:
        if "/tile/" in link or link.endswith(("checkpoint", "key")):
            assert page.browser.open(link).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "0/000",
        "0/000.p/2",
        "0/000.p/255",
        "0/000.p/256",
        "0/000.p/0",
        "0/000.p/01",
        "0/000.p/-1",
        "0/00.p/1",
        "0/001.p/1",
        "00/000.p/1",
        "1/000.p/1",
        "63/000.p/1",
        "64/000.p/1",
        "999/000",
        "-1/000",
        "entries/000",
        "entries/000.p/2",
        "entries/x001/000",
        "entries/x999/x999/x999/x999/x999/x999/999",
        "0/x999/x999/x999/x999/x999/x999/999",
        "0/" + "x999/" * 500 + "999",
        "data/000.p/1",
        "",
        "0",
        "0/000.p/1/2",
        "0/%30%30%30.p/1x",
        "0/٠٠٠",
        "0/000%00",
        "../checkpoint",
    ],
)
def test_tiles_that_are_none(lasting_host: Host, path: str) -> None:
    answer = lasting_host.client().get(f"{LOG}/tile/{path}")
    assert check_refusal(answer, 404)["code"] == "not-found"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["", "/", "/checkpoint", "/key", "/tile/0/000.p/1", "/nothing"])
def test_the_log_of_nobody(lasting_host: Host, path: str) -> None:
    check_refusal(lasting_host.client().get(f"{PREFIX}/log/nobody{path}"), 404)
