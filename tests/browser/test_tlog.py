"""The browser's own reading of the log comes to every verdict that ``moderation.tlog`` comes to."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Request, Response

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.errors import MalformedError, NoteError, ProofError
from insurance_reviews.moderation.tlog.merkle import (
    check_consistency,
    check_inclusion,
    leaf_hash,
)
from insurance_reviews.moderation.tlog.note import Note, Signer, Verifier, open_note, sign_note
from insurance_reviews.moderation.tlog.proof import Receipt
from support.checkout import ROOT
from support.live import serve

from .trees import Tree

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import Browser, Page

VECTORS = ROOT / "tests" / "vectors"
STATIC = ROOT / "widgets" / "static"

#: Runs `use` on each of many cases: what it gives, or the name of the error it throws.
EACH = """async ([cases, use]) => {
  const [tlog, note, tiles, file] = await Promise.all(
    ["tlog", "tlog-note", "tlog-tiles", "receipt-file"].map(name => import(`/${name}.js`)));
  const bytes = text => Uint8Array.from(atob(text ?? ""), each => each.charCodeAt(0));
  const names = ["c", "tlog", "note", "tiles", "file", "bytes"];
  const run = new Function(...names, `return (async () => ${use})()`);
  const found = [];
  for (const c of cases) {
    try { found.push(await run(c, tlog, note, tiles, file, bytes) ?? "holds") }
    catch (error) { found.push(error.name) }
  }
  return found;
}"""
INCLUSION = """tlog.checkInclusion(c.leafIdx, c.treeSize, bytes(c.leafHash),
    (c.proof ?? []).map(bytes), bytes(c.root))"""
CONSISTENCY = """tlog.checkConsistency(c.size1, bytes(c.root1), c.size2, bytes(c.root2),
    (c.proof ?? []).map(bytes))"""

Run = Callable[[list[Any], str], list[Any]]


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def b64(data: bytes) -> str:
    return b64encode(data).decode()


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A blank page beside our scripts."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = Path(Request(environ).path).name
        data = (STATIC / name).read_bytes() if name.endswith(".js") else b""
        kind = "text/javascript" if data else "text/html"
        return Response(data, mimetype=kind)(environ, start_response)

    with serve(app) as address, chromium.new_context() as context:
        page = context.new_page()
        page.goto(address)
        yield page


@pytest.fixture(scope="module")
def run(page: Page) -> Run:
    """``run(cases, expression)``: the expression's value for each case ``c`` in the browser."""
    return lambda cases, use: page.evaluate(EACH, [cases, use])


def verdict(check: Callable[..., object], *arguments: Any) -> str:
    try:
        check(*arguments)
    except ProofError:
        return "ProofError"
    return "holds"


def included(case: dict[str, Any]) -> str:
    return verdict(
        check_inclusion,
        case["leafIdx"],
        case["treeSize"],
        b64decode(case["leafHash"]),
        [b64decode(each) for each in case["proof"] or ()],
        b64decode(case["root"]),
    )


def consistent(case: dict[str, Any]) -> str:
    return verdict(
        check_consistency,
        case["size1"],
        b64decode(case["root1"]),
        case["size2"],
        b64decode(case["root2"]),
        [b64decode(each) for each in case["proof"] or ()],
    )


def spoilt(cases: list[dict[str, Any]], *numbers: str) -> Iterator[dict[str, Any]]:
    """Each case as it is, with numbers moved, and with a bit, an order or a length changed."""
    for case in cases:
        yield case
        for number in numbers:
            for step in (-1, 1, 2**33):
                yield {**case, number: max(case[number] + step, 0)}
        proof = case["proof"] or []
        yield {**case, "proof": [*proof, b64(bytes(32))]}
        yield {**case, "proof": [*proof, b64(bytes(31))]}
        if proof:
            first = bytearray(b64decode(proof[0]))
            first[-1:] = bytes([first[-1] ^ 1]) if first else b""
            yield {**case, "proof": [b64(bytes(first)), *proof[1:]]}
            yield {**case, "proof": proof[::-1]}
            yield {**case, "proof": proof[:-1]}


def test_inclusion_as_transparency_dev_says(run: Run) -> None:
    upstream = vectors("transparency-dev/inclusion.json")
    expected = ["ProofError" if case["wantErr"] else "holds" for case in upstream]
    assert expected == run(upstream, INCLUSION)
    cases = list(spoilt(upstream, "leafIdx", "treeSize"))
    assert len(cases) > 150
    assert [included(case) for case in cases] == run(cases, INCLUSION)


def test_consistency_as_transparency_dev_says(run: Run) -> None:
    upstream = vectors("transparency-dev/consistency.json")
    expected = ["ProofError" if case["wantErr"] else "holds" for case in upstream]
    assert expected == run(upstream, CONSISTENCY)
    cases = list(spoilt(upstream, "size1", "size2"))
    assert len(cases) > 150
    assert [consistent(case) for case in cases] == run(cases, CONSISTENCY)


def test_proofs_as_go_makes_them(run: Run) -> None:
    """Of trees of up to 70,000 leaves."""
    go = vectors("golang/tree.json")
    roots = {case["size"]: case["root"] for case in go["roots"]}
    inclusion = [
        {
            "leafIdx": case["index"],
            "treeSize": case["size"],
            "leafHash": b64(leaf_hash(b"leaf %d" % case["index"])),
            "proof": case["proof"],
            "root": roots[case["size"]],
        }
        for case in go["inclusion"]
    ]
    assert {"holds"} == set(run(inclusion, INCLUSION))
    moved = [{**case, "leafIdx": case["leafIdx"] ^ 1} for case in inclusion if case["proof"]]
    assert {"ProofError"} == set(run(moved, INCLUSION))
    known = [case for case in go["consistency"] if case["old"] in roots]
    consistency = [
        {
            "size1": case["old"],
            "size2": case["new"],
            "root1": roots[case["old"]],
            "root2": roots[case["new"]],
            "proof": case["proof"],
        }
        for case in known
    ]
    assert len(consistency) > 20
    assert {"holds"} == set(run(consistency, CONSISTENCY))
    named = [
        ["entries" if case["level"] is None else case["level"], str(case["index"]), case["width"]]
        for case in go["paths"]
    ]
    assert [case["path"] for case in go["paths"]] == run(
        named, "tiles.tilePath(c[0], BigInt(c[1]), c[2])"
    )


SIZES = (1, 2, 3, 5, 7, 255, 256, 257, 300, 511, 512, 513)


def test_a_log_read_by_its_tiles(run: Run) -> None:
    """Every size begins with every smaller one, holds its leaves and no others, and gives back
    all of its entries; with a bit changed anywhere nothing is proven."""
    tree = Tree([b"leaf %d" % number for number in range(513)])
    cases: list[Any] = []
    expected = []
    for size in SIZES:
        files = {path: b64(data) for path, data in tree.files(size).items()}
        root = b64(tree.root(size))
        for old in [old for old in SIZES if old <= size]:
            case = {"files": files, "size": size, "root": root}
            cases.append({**case, "old": old, "oldRoot": b64(tree.root(old)), "index": old - 1})
            expected.append(["holds", "holds", "ProofError", "ProofError", size])
    found = run(
        cases,
        """(async () => {
          const log = new tiles.TiledLog(c.size, async path => bytes(c.files[path]));
          const flipped = data => data.map((byte, at) => at ? byte : byte ^ 1);
          const wrong = new tiles.TiledLog(c.size, async path => flipped(bytes(c.files[path])));
          const verdict = check => check.then(() => "holds", error => error.name);
          const leaf = new TextEncoder().encode(`leaf ${c.index}`);
          let read = 0;
          for await (const { start, leaves } of log.bundles(0)) {
            for (const [at, each] of leaves.entries()) {
              read += new TextDecoder().decode(each) === `leaf ${start + at}`;
            }
          }
          const root = bytes(c.root);
          return [
            await verdict(log.checkBeginsWith(c.old, bytes(c.oldRoot), root)),
            await verdict(log.checkHolds(c.index, await log.entry(c.index), root)),
            await verdict(log.checkHolds(c.index, flipped(leaf), root)),
            c.old < c.size || c.size === 1
              ? await verdict(log.checkBeginsWith(c.old, flipped(bytes(c.oldRoot)), root))
              : await verdict(wrong.checkHolds(c.index, leaf, root)),
            read,
          ];
        })()""",
    )
    assert expected == found


LOG = Signer("log.example/测试", bytes(range(32)))
OTHER = Signer("log.example/测试", bytes(32))


def notes() -> Iterator[str]:
    """Notes by everybody, and notes that are none or spoilt."""
    text = Checkpoint(LOG.name, 3, bytes(32)).format()
    good = sign_note(text, LOG)
    yield from (
        good,
        sign_note(text, OTHER),
        sign_note(text, OTHER, LOG),
        sign_note("x\n\ny\n", LOG),
    )
    yield from (good[:-1], good + "\n", good.replace("3", "03"), good.replace("\n", "\r\n"))
    yield from (good.replace("log.example/测试\n3", "log.example/other\n3"), good.replace("—", "-"))
    yield from ("", "\n", "\n\n", "a\n\n\n", text, text + "\n", good.replace("=\n", "\n", 1))
    yield from (good * 2, good.replace("\n3\n", "\n4\n"), good.replace("— log", "—  log"))
    line = good.split("\n\n")[1]
    yield good + line
    # The same key once more, with a signature that is wrong.
    yield good + line[:-8] + ("AAAA" if line[-8:-4] != "AAAA" else "BBBB") + line[-4:]
    yield sign_note(Checkpoint(LOG.name, 3, bytes(32), ("extension",)).format(), LOG)
    yield sign_note(text.replace(LOG.name, "log.example/other"), LOG)
    yield from (good.replace("\n3\n", f"\n{wrong}\n") for wrong in ("+3", " 3", "", "3.0", "٣"))
    yield from (good + "\x00", good.replace("测", "\t"))
    yield vectors("golang/note.json")["note"]
    yield from (case["note"] for case in vectors("golang/tree.json")["roots"][:4])


def test_notes_open_alike(run: Run) -> None:
    """Whether a note opens with the log's key, and what its text says."""
    go = vectors("golang/tree.json")["verifier_key"]
    keys = [LOG.verifier_key(), go]
    verifiers = [Verifier.parse(key) for key in keys]
    expected = []
    for note in notes():
        try:
            expected.append(open_note(note, *verifiers).text)
        except MalformedError:
            expected.append("MalformedError")
        except NoteError:
            expected.append("SignatureError")
    opened = "note.openNote(c[0], await Promise.all(c[1].map(note.parseKey))).then(o => o.text)"
    found = run([[note, keys] for note in notes()], opened)
    assert expected == found
    assert {"MalformedError", "SignatureError"} < set(found)


def test_checkpoints_read_alike(run: Run) -> None:
    def read(note: str) -> Any:
        try:
            parsed = Checkpoint.parse(Note.parse(note).text)
        except MalformedError:
            return "MalformedError"
        return [parsed.origin, parsed.size]

    found = run(
        list(notes()),
        "{ const read = note.parseCheckpoint(note.parseNote(c).text);"
        " return [read.origin, read.size] }",
    )
    assert [read(note) for note in notes()] == found


def test_a_checkpoint_is_signed_by_its_own_log(run: Run) -> None:
    """A key that we know under another name signs nothing for this log."""
    foreign = sign_note(Checkpoint("log.example/other", 3, bytes(32)).format(), LOG)
    own = sign_note(Checkpoint(LOG.name, 3, bytes(32)).format(), LOG)
    keys = [LOG.verifier_key()]
    opened = (
        "note.openCheckpoint(c[0], await Promise.all(c[1].map(note.parseKey))).then(o => o.size)"
    )
    assert run([[foreign, keys], [own, keys]], opened) == ["SignatureError", 3]


def test_entries_read_alike(run: Run) -> None:
    """One entry has one spelling, in both readers."""
    good = canonical.dumps(
        {"v": 1, "type": "x", "at": 1, "text": 'é\n"😀\u2028\x7f', "a": [True, None]}
    )
    leaves = [
        good,
        good.replace(b",", b", "),
        good.replace(b'"at":1', b'"at":1.0'),
        good.replace(b'"at":1', b'"at":01'),
        good.replace(b'"at":1', b'"at":9007199254740993'),
        good.replace(b'{"a"', b'{"a":1,"a"'),
        good.replace(b'"type":"x","v":1', b'"v":1,"type":"x"'),
        good.replace("é".encode(), b"\\u00e9"),
        good.replace(b"\\n", b"\\u000a"),
        good[:-1],
        good + b"\n",
        b"\xef\xbb\xbf" + good,
        b"\xff",
        b"",
        b"[]",
        b"null",
    ]

    def read(leaf: bytes) -> bool:
        try:
            return isinstance(canonical.loads(leaf), dict)
        except canonical.NotCanonicalError:
            return False

    found = run([b64(leaf) for leaf in leaves], "file.readEntry(bytes(c)) !== null")
    assert [read(leaf) for leaf in leaves] == found
    assert found.count(True) == 1


def test_keys_read_alike(run: Run) -> None:
    good = LOG.verifier_key()
    bad = [
        good[:-4],
        good + "=",
        good.replace("+", " "),
        good.replace("测", "侧"),
        "",
        "+",
        "a+b+c",
    ]
    bad += [
        good.upper(),
        good.replace("/", "", 1),
        *vectors("golang/note.json")["bad_verifier_keys"],
    ]
    found = run([good, *bad], "note.parseKey(c).then(key => key.name)")
    assert [LOG.name, *["MalformedError"] * len(bad)] == found
    for key in bad:
        with pytest.raises(MalformedError):
            Verifier.parse(key)


def test_proofs_read_alike(run: Run) -> None:
    note = sign_note(Checkpoint(LOG.name, 3, bytes(32)).format(), LOG)
    good = Receipt(2, (bytes(32), bytes(range(32))), note).format()
    hash_line = b64(bytes(32))
    proofs = [
        good,
        Receipt(0, (), note, b"extra").format(),
        *(good.replace("index 2", f"index {wrong}") for wrong in ("02", "-1", "", "2 ", "9" * 20)),
        *(good.replace("index 2\n", wrong) for wrong in ("", "extra \nindex 2\n", "Index 2\n")),
        good.replace("@v1", "@v2"),
        good.replace(hash_line, hash_line[:-1]),
        good.replace(hash_line, "AA=="),
        good.replace(f"{hash_line}\n", f"{hash_line}\n" * 64, 1),
        good.replace("\n\n", "\n", 1),
        *(good[:length] for length in range(0, len(good), 37)),
    ]

    def read(text: str) -> Any:
        try:
            parsed = Receipt.parse(text)
        except MalformedError:
            return "MalformedError"
        return [parsed.index, len(parsed.hashes), parsed.checkpoint]

    found = run(
        proofs,
        "{ const read = note.parseProof(c);"
        " return [read.index, read.hashes.length, read.checkpoint] }",
    )
    assert [read(proof) for proof in proofs] == found
    assert found.count("MalformedError") > 20
