"""Every case of ``tests/vectors`` gives what its makers say it gives."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import CosignatureVerifier, cosigned_at
from insurance_reviews.moderation.tlog.errors import MalformedError, ProofError, UnsignedError
from insurance_reviews.moderation.tlog.merkle import (
    check_consistency,
    check_inclusion,
    frontier_nodes,
    frontier_root,
    grow,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
)
from insurance_reviews.moderation.tlog.note import Note, Signer, Verifier, open_note, sign_note
from insurance_reviews.moderation.tlog.proof import Receipt
from insurance_reviews.moderation.tlog.tile import (
    TILE_WIDTH,
    format_tile,
    parse_tile_path,
    tile_nodes,
    tile_path,
    tree_bundles,
    tree_tiles,
)

Vectors = Callable[[str], Any]


def hashes(texts: list[str] | None) -> list[bytes]:
    return [b64decode(text) for text in texts or ()]


@pytest.fixture(scope="module")
def go(vectors: Vectors) -> Any:
    """What Go's x/mod made of the leaves "leaf 0", "leaf 1", …"""
    return vectors("golang/tree.json")


@pytest.fixture(scope="module")
def nodes(go: Any) -> dict[tuple[int, int], bytes]:
    """The same tree as we grow it."""
    nodes = {}
    frontier: list[bytes] = []
    for size in range(max(root["size"] for root in go["roots"])):
        completed, frontier = grow(size, frontier, leaf_hash(b"leaf %d" % size))
        nodes.update({(level, index): digest for level, index, digest in completed})
    return nodes


def test_upstream_inclusion_cases(vectors: Vectors) -> None:
    cases = vectors("transparency-dev/inclusion.json")
    assert len(cases) == 18
    for case in cases:
        arguments = (
            case["leafIdx"],
            case["treeSize"],
            b64decode(case["leafHash"]),
            hashes(case["proof"]),
            b64decode(case["root"]),
        )
        if case["wantErr"]:
            with pytest.raises(ProofError):
                check_inclusion(*arguments)
        else:
            check_inclusion(*arguments)


def test_upstream_consistency_cases(vectors: Vectors) -> None:
    cases = vectors("transparency-dev/consistency.json")
    assert len(cases) == 17
    for case in cases:
        arguments = (
            case["size1"],
            b64decode(case["root1"]),
            case["size2"],
            b64decode(case["root2"]),
            hashes(case["proof"]),
        )
        if case["wantErr"]:
            with pytest.raises(ProofError):
                check_consistency(*arguments)
        else:
            check_consistency(*arguments)


def test_roots_are_those_of_go(go: Any, nodes: dict[tuple[int, int], bytes]) -> None:
    for case in go["roots"]:
        root = frontier_root([nodes[node] for node in frontier_nodes(case["size"])])
        assert b64decode(case["root"]) == root


def test_proofs_are_those_of_go(go: Any, nodes: dict[tuple[int, int], bytes]) -> None:
    roots = {case["size"]: b64decode(case["root"]) for case in go["roots"]}

    def read(wanted: Any) -> list[bytes]:
        return [nodes[node] for node in wanted]

    for case in go["inclusion"]:
        index, size, proof = case["index"], case["size"], hashes(case["proof"])
        assert proof == prove_inclusion(index, size, read)
        check_inclusion(index, size, nodes[0, index], proof, roots[size])
    for case in go["consistency"]:
        old, new, proof = case["old"], case["new"], hashes(case["proof"])
        assert proof == prove_consistency(old, new, read)
        old_root = frontier_root(read(frontier_nodes(old)))
        check_consistency(old, old_root, new, roots[new], proof)


def test_tiles_are_those_of_go(go: Any, nodes: dict[tuple[int, int], bytes]) -> None:
    for size in {case["size"] for case in go["tiles"]}:
        made = {}
        for tile in tree_tiles(size):
            level, first, width = tile_nodes(*tile)
            data = format_tile([nodes[level, first + n] for n in range(width)])
            made[tile_path(*tile)] = b64encode(sha256(data).digest()).decode()
        expected = {case["path"]: case["sha256"] for case in go["tiles"] if case["size"] == size}
        assert expected == made


def test_tile_paths_are_those_of_go(go: Any) -> None:
    for case in go["paths"]:
        assert case["path"] == tile_path(case["level"], case["index"], case["width"])
        assert (case["level"], case["index"], case["width"]) == parse_tile_path(case["path"])


def test_checkpoints_are_signed_as_go_signs_them(go: Any) -> None:
    signer, verifier = Signer.parse(go["signer_key"]), Verifier.parse(go["verifier_key"])
    assert (go["signer_key"], go["verifier_key"]) == (signer.format(), signer.verifier_key())
    for case in go["roots"]:
        checkpoint = Checkpoint("log.example/测试", case["size"], b64decode(case["root"]))
        assert case["note"] == sign_note(checkpoint.format(), signer)
        assert checkpoint == Checkpoint.parse(open_note(case["note"], verifier).text)


def test_the_notes_of_go_open_and_are_signed_alike(vectors: Vectors) -> None:
    case = vectors("golang/note.json")
    peter, enoch = (Verifier.parse(key) for key in case["verifier_keys"])
    assert case["verifier_keys"] == [peter.format(), enoch.format()]
    assert case["note"].startswith(sign_note(case["text"], Signer.parse(case["signer_key"])))
    one = open_note(case["note"], peter)
    assert case["text"] == one.text
    assert [signature.name for signature in one.verified] == ["PeterNeumann"]
    assert [signature.name for signature in one.unverified] == ["EnochRoot"]
    both = open_note(case["note"], enoch, peter)
    assert one.verified + one.unverified == both.verified
    assert both.unverified == ()
    with pytest.raises(UnsignedError) as caught:
        open_note(case["note"])
    assert one.verified + one.unverified == caught.value.note.unverified
    for key in case["bad_verifier_keys"]:
        with pytest.raises(MalformedError):
            Verifier.parse(key)


def test_the_notes_of_the_specification_open(vectors: Vectors) -> None:
    case = vectors("c2sp/examples.json")["signed-note"]
    verifier = Verifier.parse(case["verifier_key"])
    assert open_note(case["note"], verifier).text == "This is an example message.\n"
    poem = Note.parse(case["poem"])
    assert poem.text.endswith("raggio di sole:\n\ned è subito sera.\n")
    assert [signature.name for signature in poem.unverified] == ["quasimodo.example/salvatore"]


def test_the_checkpoint_of_the_specification_parses(vectors: Vectors) -> None:
    case = vectors("c2sp/examples.json")["tlog-checkpoint"]
    note = Note.parse(case["note"])
    checkpoint = Checkpoint.parse(note.text)
    assert (case["origin"], case["size"]) == (checkpoint.origin, checkpoint.size)
    assert note.text == checkpoint.format()


def test_the_cosignature_of_the_specification_says_when(vectors: Vectors) -> None:
    case = vectors("c2sp/examples.json")["tlog-cosignature"]
    note = Note.parse(case["note"])
    assert case["time"] == cosigned_at(note.unverified[1])


def test_a_witness_key_in_use_has_the_id_that_we_compute() -> None:
    """The key is the one that the tests of transparency-dev/formats read, too."""
    key = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
    assert key == CosignatureVerifier.parse(key).format()


def test_the_proof_of_the_specification_parses(vectors: Vectors) -> None:
    examples = vectors("c2sp/examples.json")
    case = examples["tlog-proof"]
    text = "\n".join(case["lines"]) + "\n\n" + examples["tlog-checkpoint"]["note"]
    receipt = Receipt.parse(text)
    assert case["index"] == receipt.index
    assert len(case["lines"]) - 3 == len(receipt.hashes)
    assert receipt.extra is not None
    assert receipt.extra.startswith(b"age-v1.2.1-darwin-arm64.tar.gz")
    assert text == receipt.format()


def test_the_tiles_of_the_specification_are_listed(vectors: Vectors) -> None:
    case = vectors("c2sp/examples.json")["tlog-tiles"]
    assert f"tile/0/{case['number']}" == tile_path(0, case["index"])
    full: dict[str, int] = {}
    partial: dict[str, int] = {}
    for level, _, width in tree_tiles(case["size"]):
        if width == TILE_WIDTH:
            full[str(level)] = full.get(str(level), 0) + 1
        else:
            partial[str(level)] = width
    assert (case["full"], case["partial"]) == (full, partial)
    bundles = list(tree_bundles(case["size"]))
    assert (len(bundles), bundles[-1].width) == (274, 112)
