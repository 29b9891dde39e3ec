"""Go's checksum-database code checks our log over HTTP, at all the sizes where trees go wrong."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.request import urlopen

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import Cosigner
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from support.checkout import ROOT
from support.databases import DatabaseFactory
from support.world import World, built_world

from .figures import Figure, counted, none_of
from .growing import INSURER, SIZES, Growing, Published, published
from .machine import GOPATH, lacks_go, lacks_postgresql
from .places import ENGINES, databases_in, temporary_folder
from .scale import Scale, steps

NAME = "Go's golang.org/x/mod/sumdb verifies the log"
SOURCE = ROOT / "tests" / "go" / "verify_log"
#: On PostgreSQL the tables are filled by other code and read by the same.
POSTGRESQL_SIZES = (1, 2, 7, 257, 513, 1000)
QUICK_SIZES = (1, 2, 3, 7, 256, 257)
#: Receipts that are checked at each size.
RECEIPTS = 20


def needs() -> list[str]:
    return lacks_go() + lacks_postgresql()


def run(scale: Scale) -> list[Figure]:
    with temporary_folder() as folder, databases_in(folder) as databases:
        program = build(folder)
        sizes = {
            "sqlite": scale.pick(QUICK_SIZES, SIZES),
            "postgresql": scale.pick((3, 257), POSTGRESQL_SIZES),
        }
        return [
            figure
            for engine, wanted in sizes.items()
            for figure in _on(engine, wanted, databases, folder / engine, program)
        ]


@dataclass
class Tally:
    """What Go has done in all."""

    entries: int = 0
    inclusions: int = 0
    consistency: int = 0
    receipts: int = 0
    witnesses: int = 0
    bad: list[str] = field(default_factory=list)


def _on(
    engine: str,
    sizes: tuple[int, ...],
    databases: DatabaseFactory,
    folder: Path,
    program: Path,
) -> Iterator[Figure]:
    folder.mkdir()
    tally = Tally()
    with databases.fresh(engine) as url, built_world(url, folder / "state") as world:
        kept: list[Path] = []
        with published(world) as place:
            growing = Growing(world)
            key = fetch(f"{place.log}key").decode().strip()
            witness = Cosigner.generate("witness.example/1")
            for size in steps(f"Go on {ENGINES[engine]}", sizes):
                growing.grow(size)
                growing.cosign(witness)
                verified = verify(
                    program,
                    place.log,
                    key,
                    kept=kept,
                    receipts=place.receipts(growing.reviews[-RECEIPTS:]),
                    witnesses=[witness.verifier_key()],
                )
                _count(tally, size, world, verified, folder, kept)
            accepted = _refusals(program, place, key, kept[-1], world.settings.state_dir)
    checked = (
        f"{counted(tally.entries, 'entry', 'entries')}, {tally.inclusions:,} inclusion and "
        f"{tally.consistency:,} consistency proofs, {counted(tally.receipts, 'receipt')}, "
        f"{counted(tally.witnesses, 'cosignature')}"
    )
    goal = f"Go accepts the log at {counted(len(sizes), 'size')} up to {sizes[-1]:,}"
    yield none_of(tally.bad, f"{ENGINES[engine]}: {goal}", checked)
    refused = f"{6 - len(accepted)} of 6 refused"
    yield none_of(accepted, f"{ENGINES[engine]}: Go refuses what is forged", refused)


def _count(
    tally: Tally,
    size: int,
    world: World,
    verified: subprocess.CompletedProcess[str],
    folder: Path,
    kept: list[Path],
) -> None:
    if verified.returncode != 0:
        tally.bad.append(f"size {size}: {verified.stderr.strip()}")
        return
    found: dict[str, Any] = json.loads(verified.stdout)
    if (found["size"], found["origin"]) != (size, world.ref(INSURER).origin):
        tally.bad.append(f"size {size}: read {found['size']} of {found['origin']}")
    tally.entries += found["size"]
    tally.inclusions += found["inclusions"]
    tally.consistency += found["consistency"]
    tally.receipts += found["receipts"]
    tally.witnesses += found["witnesses"]
    path = folder / f"{size}.checkpoint"
    path.write_text(found["checkpoint"], encoding="utf-8")
    kept.append(path)


def _refusals(program: Path, place: Published, key: str, newest: Path, state: Path) -> list[str]:
    """What Go accepts although it is forged: it must not be a verifier that accepts everything."""
    name, key_id, public = key.split("+", 2)
    now = Checkpoint.of_own_note(newest.read_text(encoding="utf-8"))
    log = Signer.parse((state / "keys" / f"{INSURER}.key").read_text("ascii").split("\n")[0])

    def kept(checkpoint: Checkpoint, signer: Signer = log) -> dict[str, Any]:
        path = newest.with_suffix(f".{token_hex(4)}")
        path.write_text(sign_note(checkpoint.format(), signer), encoding="utf-8")
        return {"key": key, "kept": [path]}

    forgeries: dict[str, dict[str, Any]] = {
        "another key of the same name": {"key": Signer.generate(name).verifier_key()},
        "the key under another name": {"key": f"{name}x+{key_id}+{public}"},
        "a fork that the log has signed": kept(replace(now, root=bytes(32))),
        "a larger tree that the log has signed": kept(replace(now, size=now.size + 1)),
        "a kept checkpoint that another has signed": kept(now, Signer.generate(name)),
        "a witness who has not cosigned": {
            "key": key,
            "witnesses": [Cosigner.generate("witness.example/2").verifier_key()],
        },
    }
    return [
        forgery
        for forgery, options in forgeries.items()
        if verify(program, place.log, **options).returncode != 1
    ]


def verify(
    program: Path,
    log: str,
    key: str,
    *,
    kept: list[Path] | None = None,
    receipts: list[str] | None = None,
    witnesses: list[str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Let Go check the log at the address ``log``; it prints JSON, or why it refuses."""
    options = [f"-kept={path}" for path in kept or []]
    options += [f"-receipt={address}" for address in receipts or []]
    options += [f"-witness={vkey}" for vkey in witnesses or []]
    return subprocess.run(
        [str(program), f"-log={log}", f"-key={key}", *options],
        capture_output=True,
        text=True,
        timeout=600,
    )


def build(folder: Path) -> Path:
    """Compile the Go program with Debian's packages, without the network."""
    program = folder / "verify_log"
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": str(GOPATH),
        # Kept: the first time, half of Go's library is compiled.
        "GOCACHE": str(ROOT / "build" / "go-cache"),
    }
    done = subprocess.run(
        ["go", "build", "-o", str(program), "."],
        cwd=SOURCE,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return program


def fetch(address: str) -> bytes:
    with urlopen(address, timeout=60) as answer:
        data: bytes = answer.read()
        return data
