"""The public log as strangers read it: over HTTP, with verifiers that none of us wrote."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymerkle import InmemoryTree, verify_consistency  # type: ignore[import-untyped]
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint, verify_checkpoint
from sigstore._internal.trust import Keyring, RekorKeyring
from sigstore.errors import VerificationError
from sigstore_models.common import v1 as common_v1

from runs.growing import SMALL_SIZES, Growing, published
from support.host import Host
from support.world import World

IMMUTABLE = "public, max-age=31536000, immutable"
WIDTH = 256


@dataclass(frozen=True)
class Stranger:
    """Somebody who knows the address of a log, and C2SP's and sigstore's documents."""

    log: str

    def get(self, path: str, **headers: str) -> Any:
        return urlopen(Request(self.log + path, headers=headers), timeout=30)

    def read(self, path: str) -> bytes:
        with self.get(path) as answer:
            data: bytes = answer.read()
            return data

    def status(self, path: str) -> int:
        try:
            with self.get(path) as answer:
                return int(answer.status)
        except HTTPError as error:
            with error:
                return error.code

    @cached_property
    def vkey(self) -> str:
        """The log's verifier key: name, hash and key, with plus signs between."""
        return self.read("key").decode().removesuffix("\n")

    @property
    def key_id(self) -> bytes:
        return bytes.fromhex(self.vkey.split("+")[1])

    def keyring(self) -> RekorKeyring:
        """The log's key in sigstore's hands."""
        kind, *raw = b64decode(self.vkey.split("+", 2)[2])
        assert kind == 1, "Ed25519"
        public = Ed25519PublicKey.from_public_bytes(bytes(raw))
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = common_v1.PublicKey(
            raw_bytes=b64encode(der),
            key_details=common_v1.PublicKeyDetails.PKIX_ED25519,
        )
        return RekorKeyring(Keyring([key]))

    def checkpoint(self) -> SignedCheckpoint:
        """The newest, as sigstore reads it."""
        return SignedCheckpoint.from_text(self.read("checkpoint").decode())

    def leaves(self, size: int) -> Iterator[bytes]:
        """Every entry, from bundles taken apart by hand."""
        for number in range(-(-size // WIDTH)):
            width = min(WIDTH, size - number * WIDTH)
            partial = "" if width == WIDTH else f".p/{width}"
            data = self.read(f"tile/entries/{number:03}{partial}")
            while data:
                length = int.from_bytes(data[:2])
                yield data[2 : 2 + length]
                data = data[2 + length :]

    def entry(self, receipt: str, leaf: bytes) -> Any:
        """A receipt in the shape in which sigstore keeps the proof of a log entry."""
        head, _, note = receipt.partition("\n\n")
        first, index, *hashes = head.split("\n")
        assert first == "c2sp.org/tlog-proof@v1"
        checkpoint = SignedCheckpoint.from_text(note).checkpoint
        proof = SimpleNamespace(
            log_index=int(index.removeprefix("index ")),
            tree_size=checkpoint.log_size,
            root_hash=bytes.fromhex(checkpoint.log_hash),
            hashes=list(map(b64decode, hashes)),
            checkpoint=SimpleNamespace(envelope=note),
        )
        inner = SimpleNamespace(
            inclusion_proof=proof,
            canonicalized_body=leaf,
            log_id=SimpleNamespace(key_id=self.key_id),
        )
        return SimpleNamespace(_inner=inner)


@pytest.fixture(scope="module")
def grown(lasting_host: Host) -> Iterator[Stranger]:
    """A log of 300 entries, which nobody adds to."""
    with published(lasting_host.world) as place:
        Growing(lasting_host.world).grow(300)
        yield Stranger(place.log)


def test_strangers_verify_a_growing_log(world: World) -> None:
    """At every size where tiles begin: pymerkle has the same root and finds the log grown from
    what it was; sigstore accepts checkpoint and receipts, and no other entry for them."""
    tree = InmemoryTree(algorithm="sha256")
    roots: dict[int, bytes] = {}
    with published(world) as place:
        stranger, growing = Stranger(place.log), Growing(world)
        keyring = stranger.keyring()
        for size in SMALL_SIZES:
            growing.grow(size)
            leaves = list(stranger.leaves(size))
            for leaf in leaves[tree.get_size() :]:
                tree.append_entry(leaf)
            signed = stranger.checkpoint().checkpoint
            assert signed.origin == world.ref().origin
            roots[size] = bytes.fromhex(signed.log_hash)
            assert (signed.log_size, roots[size]) == (size, tree.get_root(size))
            for old, root in roots.items():
                verify_consistency(root, roots[size], tree.prove_consistency(old, size), old, size)
            for review, address in zip(
                growing.reviews[-3:], place.receipts(growing.reviews[-3:]), strict=True
            ):
                receipt = Stranger(address).read("").decode()
                entry = stranger.entry(receipt, leaves[review.entry.index])
                verify_merkle_inclusion(entry)
                verify_checkpoint(keyring, entry)
                with pytest.raises(VerificationError):
                    verify_merkle_inclusion(stranger.entry(receipt, leaves[0]))


def test_hashes_are_published_at_every_level(world: World) -> None:
    """A tile of a level is the hashes of the tiles below it, by pymerkle's arithmetic."""
    with published(world) as place:
        stranger = Stranger(place.log)
        Growing(world).grow(600)
        leaves = list(stranger.leaves(600))
        assert stranger.read("tile/0/002.p/88") == b"".join(map(hash_of, leaves[512:]))
        assert stranger.read("tile/1/000.p/2") == root_of(leaves[:256]) + root_of(leaves[256:512])


def hash_of(leaf: bytes) -> bytes:
    return root_of([leaf])


def root_of(leaves: list[bytes]) -> bytes:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    root: bytes = tree.get_root()
    return root


def test_the_log_is_served_for_anybody_and_for_caches(world: World) -> None:
    with published(world) as place:
        stranger = Stranger(place.log)
        Growing(world).grow(300)
        expected = {
            "checkpoint": ("text/plain; charset=utf-8", "no-cache"),
            "key": ("text/plain; charset=utf-8", "no-cache"),
            "tile/0/000": ("application/octet-stream", IMMUTABLE),
            "tile/0/001.p/44": ("application/octet-stream", IMMUTABLE),
            "tile/1/000.p/1": ("application/octet-stream", IMMUTABLE),
            "tile/entries/000": ("application/octet-stream", IMMUTABLE),
            "tile/entries/001.p/7": ("application/octet-stream", IMMUTABLE),
        }
        for path, (media_type, caching) in expected.items():
            with stranger.get(path, Origin="https://elsewhere.example", Cookie="a=b") as answer:
                headers = answer.headers
            assert (headers["Content-Type"], headers["Cache-Control"]) == (media_type, caching)
            assert headers["Access-Control-Allow-Origin"] == "*"
            assert headers["Set-Cookie"] is None
            assert headers["Vary"] is None


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001.p/45",
        "tile/0/001",
        "tile/0/002.p/1",
        "tile/1/000.p/2",
        "tile/1/000",
        "tile/2/000.p/1",
        "tile/entries/001.p/45",
        "tile/entries/001",
        "tile/entries/x001/000",
        # Not the one way to write them.
        "tile/0/0",
        "tile/00/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/x000/000",
        "tile/64/000",
        "tile/8/0/000",
    ],
)
def test_there_is_nothing_beyond_the_log(grown: Stranger, path: str) -> None:
    assert grown.status(path) == 404
