"""Tiles and bundles: paths with one spelling, contents to the last byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance_reviews.moderation.tlog.errors import MalformedError
from insurance_reviews.moderation.tlog.tile import (
    MAX_LEAF,
    TILE_WIDTH,
    Tile,
    entries_path,
    format_bundle,
    format_tile,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    tile_nodes,
    tile_path,
    tree_bundles,
    tree_tiles,
)

TILES = st.builds(
    Tile,
    st.one_of(st.none(), st.integers(0, 63)),
    st.integers(0, 2**55 - 1),
    st.integers(1, TILE_WIDTH),
)
PATH = "tile/0/x001/x234/067.p/12"


@given(TILES)
def test_a_path_is_read_as_it_is_written(tile: Tile) -> None:
    assert tile == parse_tile_path(tile_path(*tile))


@given(
    st.sampled_from([PATH, "tile/entries/000", "tile/63/999"]),
    st.integers(0, len(PATH)),
    st.integers(0, 3),
    st.text("/.x0159p\n ０", max_size=4),
)
def test_a_path_has_one_spelling(path: str, start: int, length: int, new: str) -> None:
    edited = path[:start] + new + path[start + length :]
    try:
        tile = parse_tile_path(edited)
    except MalformedError:
        return
    assert edited == tile_path(*tile)


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", (0, 0, 256)),
        ("tile/0/999", (0, 999, 256)),
        ("tile/0/x001/000", (0, 1000, 256)),
        (PATH, (0, 1234067, 12)),
        ("tile/63/001.p/255", (63, 1, 255)),
        ("tile/entries/x001/x234/067", (None, 1234067, 256)),
        ("tile/entries/000.p/1", (None, 0, 1)),
    ],
)
def test_paths_of_the_specification(path: str, tile: tuple[int | None, int, int]) -> None:
    assert tile == parse_tile_path(path)
    assert path == tile_path(*tile)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/" + PATH,
        PATH + "/",
        PATH + "\n",
        "tile//000",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/001/000",
        "tile/0/x01/000",
        "tile/0/X001/000",
        "tile/0/x001/x000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/１/000",
        "tile/0/٠٠٠",
        "tile/data/000",
        "tile/8/0/000",
        "tile/entries/",
        "tile/Entries/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/-1",
        "tile/0/000.p/1/",
        "tile/0/000/p/1",
        "tile/0/../000",
        "tile/0/000%2Ep/1",
        "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/" + "x999/" * 20 + "999",
    ],
)
def test_a_malformed_path_is_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        parse_tile_path(path)


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**55, 1), (0, 0, 0), (0, 0, 257), (None, -1, 1)],
)
def test_an_impossible_tile_has_no_path(level: int | None, index: int, width: int) -> None:
    with pytest.raises(MalformedError):
        tile_path(level, index, width)


def test_the_last_possible_tile_has_nodes_that_a_database_can_number() -> None:
    level, first, count = tile_nodes(0, 2**55 - 1)
    assert (level, first + count - 1) == (0, 2**63 - 1)


def test_the_nodes_of_a_tile_are_eight_levels_above_those_of_the_one_below() -> None:
    assert tile_nodes(0, 3, 7) == (0, 768, 7)
    assert tile_nodes(2, 3) == (16, 768, 256)
    assert tile_nodes(None, 3, 7) == (0, 768, 7)


def test_a_path_of_entries_is_that_of_a_tile_without_level() -> None:
    assert entries_path(1234067, 12) == "tile/entries/x001/x234/067.p/12"
    assert entries_path(1) == "tile/entries/001"


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        (0, []),
        (1, ["tile/0/000.p/1"]),
        (255, ["tile/0/000.p/255"]),
        (256, ["tile/0/000", "tile/1/000.p/1"]),
        (257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
        (512, ["tile/0/000", "tile/0/001", "tile/1/000.p/2"]),
    ],
)
def test_a_tree_has_these_tiles(size: int, tiles: list[str]) -> None:
    assert tiles == [tile_path(*tile) for tile in tree_tiles(size)]
    leaves = [tile for tile in tiles if tile.startswith("tile/0/")]
    assert leaves == [tile_path(*tile).replace("entries", "0") for tile in tree_bundles(size)]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=TILE_WIDTH))
def test_a_tile_is_read_as_it_is_written(hashes: list[bytes]) -> None:
    assert hashes == parse_tile(format_tile(hashes))


def test_a_full_tile_and_a_full_bundle_are_read() -> None:
    assert parse_tile(bytes(8192)) == [bytes(32)] * 256
    assert parse_bundle(bytes(512)) == [b""] * 256


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes(32 * 257)])
def test_a_malformed_tile_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_tile(data)


@pytest.mark.parametrize("hashes", [[], [b""], [bytes(31)], [bytes(32)] * 257])
def test_what_is_no_tile_is_not_made(hashes: list[bytes]) -> None:
    with pytest.raises(MalformedError):
        format_tile(hashes)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=TILE_WIDTH))
def test_a_bundle_is_read_as_it_is_written(leaves: list[bytes]) -> None:
    assert leaves == parse_bundle(format_bundle(leaves))


@given(st.binary(max_size=600))
def test_a_bundle_has_one_spelling(data: bytes) -> None:
    try:
        leaves = parse_bundle(data)
    except MalformedError:
        return
    assert data == format_bundle(leaves)


def test_the_longest_leaf_fits() -> None:
    assert [bytes(MAX_LEAF)] == parse_bundle(format_bundle([bytes(MAX_LEAF)]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00\x01",
        b"\x00\x02a",
        b"\x00\x01ab",
        b"\x00\x01a\x00",
        b"\xff\xff" + bytes(MAX_LEAF - 1),
        b"\x00\x00" * 257,
    ],
)
def test_a_malformed_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_bundle(data)


@pytest.mark.parametrize("leaves", [[], [bytes(MAX_LEAF + 1)], [b""] * 257])
def test_what_is_no_bundle_is_not_made(leaves: list[bytes]) -> None:
    with pytest.raises(MalformedError):
        format_bundle(leaves)
