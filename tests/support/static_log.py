"""A log and a shop as files: made without a database, served without the plugin.

:func:`log_files` publishes any leaves as a C2SP tile log. :class:`StaticShop` makes entries and, by
code of its own, what a shop must show of them, so that the verifier is held against something that
shares nothing with it but the formats. ``python -m support.static_log FOLDER ENTRIES`` writes a
large one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.commitment import Words, author_of
from insurance_reviews.moderation.estimate import interval_of
from insurance_reviews.moderation.redaction import masks_of
from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.merkle import grow, leaf_hash, node_hash
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.moderation.tlog.tile import (
    TILE_WIDTH,
    format_bundle,
    format_tile,
    tile_path,
    tree_bundles,
    tree_tiles,
)
from insurance_reviews.moderation.verify.fetch import Answer

Json = dict[str, Any]

INSURER = "anxin"
ORIGIN = f"static.example/log/{INSURER}"
SIGNER = Signer(ORIGIN, bytes(range(32)))
PREFIX = "http://static.example"
#: ``products`` is a file, and so is what stands below it.
_SUFFIX = ".body"
START = 1_790_000_000 // 3600 * 3600
STAGES = ("underwriting", "renewal", "claim")


def log_files(leaves: Sequence[bytes], *signers: Signer) -> dict[str, bytes]:
    """Everything that a log of these leaves publishes, by path below its address."""
    signers = signers or (SIGNER,)
    levels = [[leaf_hash(leaf) for leaf in leaves]]
    while len(levels[-1]) >= TILE_WIDTH:
        hashes = levels[-1]
        for _ in range(8):
            hashes = [node_hash(*hashes[i : i + 2]) for i in range(0, len(hashes) - 1, 2)]
        levels.append(hashes)
    files = {}
    for tile in tree_tiles(len(leaves)):
        start = tile.number * TILE_WIDTH
        hashes = levels[tile.level or 0][start : start + tile.width]
        files[tile_path(*tile)] = format_tile(hashes)
    for tile in tree_bundles(len(leaves)):
        start = tile.number * TILE_WIDTH
        files[tile_path(*tile)] = format_bundle(leaves[start : start + tile.width])
    files["checkpoint"] = signed_checkpoint(leaves, *signers).encode()
    files["key"] = f"{signers[0].verifier_key()}\n".encode()
    return files


def signed_checkpoint(leaves: Sequence[bytes], *signers: Signer) -> str:
    """The signed checkpoint of a tree of ``leaves``."""
    signers = signers or (SIGNER,)
    root = root_of(leaf_hash(leaf) for leaf in leaves)
    return sign_note(Checkpoint(signers[0].name, len(leaves), root).format(), *signers)


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier: list[bytes] = []
    for size, digest in enumerate(hashes):
        _, frontier = grow(size, frontier, digest)
    root = frontier[-1]
    for left in frontier[-2::-1]:
        root = node_hash(left, root)
    return root


def name(prefix: str, number: int) -> str:
    """An id that is made of a number."""
    digest = hashlib.sha256(f"{prefix}{number}".encode()).digest()[:16]
    return f"{prefix}_{base64.b32encode(digest).decode().rstrip('=').lower()}"


def time_text(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def share(total: int, count: int, step: str) -> float | None:
    """Half up, as a JSON number."""
    if not count:
        return None
    return float((Decimal(total) / count).quantize(Decimal(step), ROUND_HALF_UP))


@dataclass
class StaticShop:
    """One insurer's log, and a shop that shows what stands in it."""

    insurer_name: str = "安心保险"
    signers: tuple[Signer, ...] = (SIGNER,)
    leaves: list[bytes] = field(default_factory=list)
    reviews: list[Json] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    at: int = START
    invitations: list[tuple[str, str]] = field(default_factory=list)
    #: Figures beyond the reviews: product → removed texts, hours until the first replies.
    removed: dict[str, int] = field(default_factory=dict)
    delays: dict[str, list[int]] = field(default_factory=dict)
    _count: int = 0
    _published: tuple[Any, dict[str, bytes]] | None = None
    _reports: dict[str, Json] = field(default_factory=dict)
    _stones: dict[str, list[Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.append("log.opened", origin=self.origin, insurer=INSURER)

    @property
    def origin(self) -> str:
        return self.signers[0].name

    @property
    def key(self) -> str:
        return self.signers[0].verifier_key()

    # --- entries --------------------------------------------------------------------------------

    def append(self, kind: str, **fields: Any) -> int:
        """Append any entry; its index."""
        self.leaves.append(canonical.dumps({"v": 1, "type": kind, "at": self.at, **fields}))
        return len(self.leaves) - 1

    def new(self, prefix: str) -> str:
        self._count += 1
        return name(prefix, self._count)

    def invite(self, product: str = "p-1", stage: str = "claim") -> str:
        if product not in self.listed:
            self.listed.append(product)
        invitation = self.new("iv")
        self.append("invitation.issued", invitation=invitation, product=product, stage=stage)
        self.invitations.append((product, stage))
        return invitation

    def words(self, who: str, text: str) -> Words:
        self._count += 1
        return Words(who, text, hashlib.sha256(str(self._count).encode()).digest())

    def review(
        self,
        product: str = "p-1",
        stage: str = "claim",
        score: int = 4,
        text: str | None = "三天就赔了。",
        who: str = "王**",
        **aspects: int,
    ) -> Json:
        """A review on a new invitation, as it is shown; ``author_key`` beside it, for the test."""
        invitation = self.invite(product, stage)
        self._count += 1
        author_key = hashlib.sha256(f"key {self._count}".encode()).hexdigest()
        words = None if text is None else self.words(who, text)
        item = None if words is None else self.new("it")
        fields = {
            "review": self.new("rv"),
            "product": product,
            "stage": stage,
            "channel": "online",
            "score": score,
            "aspects": aspects,
            "author": author_of(author_key),
        }
        index = self.append(
            "review.submitted",
            **fields,
            invitation=invitation,
            experienced="2026-08",
            item=item,
            commitment=words and words.commitment,
        )
        shown = {
            "id": fields.pop("review"),
            **fields,
            "insurer": INSURER,
            "experienced_on": "2026-08",
            "submitted_at": time_text(self.at),
            **self._text(index, item, words),
            "display_name": who if words else "保单持有人",
            "follow_ups": [],
            "reply": None,
        }
        if words is None:
            shown["at"] = None
        self.reviews.append(shown)
        return {**shown, "author_key": author_key}

    def _text(self, index: int, item: str | None, words: Words | None) -> Json:
        return {
            "display_name": words and words.name,
            "item": item,
            "text": words and words.text,
            "salt": words and words.salt.hex(),
            "commitment": words and words.commitment,
            "tombstone": None,
            "log": {"origin": self.origin, "index": index},
            "at": time_text(self.at),
        }

    def find(self, review: str) -> Json:
        return next(shown for shown in self.reviews if shown["id"] == review)

    def follow_up(self, review: str, text: str = "后来才到账。") -> Json:
        shown = self.find(review)
        who = shown["display_name"] if shown["text"] else "匿名用户"
        words, item = self.words(who, text), self.new("it")
        index = self.append(
            "followup.published", review=review, item=item, commitment=words.commitment
        )
        published = self._text(index, item, words)
        shown["follow_ups"].append(published)
        return published

    def reply(self, review: str, text: str = "谢谢。") -> Json:
        shown = self.find(review)
        versions = shown["reply"]["versions"] if shown["reply"] else []
        words, item = self.words(self.insurer_name, text), self.new("it")
        version = len(versions) + 1
        index = self.append(
            "reply.published",
            review=review,
            version=version,
            item=item,
            commitment=words.commitment,
        )
        if version == 1:
            submitted = datetime.fromisoformat(shown["submitted_at"]).timestamp()
            hours = (self.at - int(submitted)) // 3600
            self.delays.setdefault(shown["product"], []).append(hours)
        versions.append({"version": version, **self._text(index, item, words)})
        shown["reply"] = {**versions[-1], "versions": versions}
        return dict(versions[-1])

    def report(self, *items: str, number: str | None = None, filed_on: str | None = None) -> str:
        report = self.new("rp")
        fields = {
            "authority": "监管局",
            "report_no": number or f"〔2026〕{self._count}号",
            "ground": "personal_data",
        }
        self.append(
            "report.filed",
            report=report,
            items=sorted(items),
            filed_on=filed_on or time_text(self.at)[:10],
            reasons=self.words("", "因为").commitment,
            **fields,
        )
        self._reports[report] = fields
        return report

    def acknowledge(self, report: str, verdict: str = "acknowledged", note: bool = False) -> int:
        for stone in self._stones.get(report, ()):
            stone["acknowledged"] = verdict
        commitment = self.words("", "知悉").commitment if note else None
        return self.append("report.acknowledged", report=report, verdict=verdict, note=commitment)

    def remove(self, report: str, text: Json, redacted: str | None = None) -> str | None:
        """Remove what ``text`` (a shown review, follow-up or reply) says, or redact it."""
        own, item = self._place(text["item"])
        fields, new = self._redaction(own, redacted)
        self.append("text.removed", item=item, report=report, author_key=None, redacted=fields)
        stone = {
            "removed_on": time_text(self.at)[:10],
            **self._reports[report],
            "acknowledged": None,
            "redacted": redacted is not None,
        }
        self._stones.setdefault(report, []).append(stone)
        self._bury(own, stone, new)
        product = next(r["product"] for r in self.reviews if own in self._texts(r))
        self.removed[product] = self.removed.get(product, 0) + 1
        return None if fields is None else str(fields["item"])

    def withdraw(self, review: Json) -> None:
        """The author takes all words back."""
        shown = self.find(review["id"])
        stone: Json = {
            "removed_on": time_text(self.at)[:10],
            "ground": "withdrawn",
            "authority": None,
            "report_no": None,
            "acknowledged": None,
            "redacted": False,
        }
        for text in (shown, *shown["follow_ups"]):
            if text["text"] is not None:
                self.append(
                    "text.removed",
                    item=text["item"],
                    report=None,
                    author_key=review["author_key"],
                    redacted=None,
                )
                self._bury(text, dict(stone), None)

    def _place(self, item: str) -> tuple[Json, str]:
        for review in self.reviews:
            for text in self._texts(review):
                if text["item"] == item:
                    return text, item
        raise LookupError(item)

    def _texts(self, review: Json) -> list[Json]:
        reply = review["reply"]
        return [review, *review["follow_ups"], *(reply["versions"] if reply else ())]

    def _redaction(self, own: Json, redacted: str | None) -> tuple[Json | None, Words | None]:
        if redacted is None:
            return None, None
        words = self.words(own["display_name"], redacted)
        masks = masks_of(own["text"], redacted)
        return {"item": self.new("it"), "commitment": words.commitment, "masks": masks}, words

    def _bury(self, own: Json, stone: Json, words: Words | None) -> None:
        own["tombstone"] = stone
        own["text"], own["salt"] = words and words.text, words and words.salt.hex()
        if words is not None:
            leaf = json.loads(self.leaves[-1])
            own["item"], own["commitment"] = leaf["redacted"]["item"], words.commitment
        else:
            own["display_name"] = "保单持有人" if "follow_ups" in own else None
        for review in self.reviews:
            if review["reply"]:
                versions = review["reply"]["versions"]
                review["reply"] = {**versions[-1], "versions": versions}

    # --- what is shown --------------------------------------------------------------------------

    def summary(self, product: str) -> Json:
        """The figures of a product, counted from what is shown."""
        reviews = [review for review in self.reviews if review["product"] == product]
        delays = sorted(self.delays.get(product, ()))
        return {
            **self._scores(reviews),
            "months": self._months(reviews),
            "stages": {stage: self._stage(product, stage) for stage in STAGES},
            "topics": [],
            "replies": {
                "rate": share(len(delays), len(reviews), "0.0001"),
                "median_hours": delays[(len(delays) - 1) // 2] if delays else None,
            },
            "removals": self.removed.get(product, 0),
        }

    def _stage(self, product: str, stage: str) -> Json:
        reviews = [r for r in self.reviews if (r["product"], r["stage"]) == (product, stage)]
        rated: dict[str, list[int]] = {}
        for review in reviews:
            for aspect, value in review["aspects"].items():
                rated.setdefault(aspect, []).append(value)
        eligible = self.invitations.count((product, stage))
        return {
            **self._scores(reviews),
            "aspects": {
                aspect: {"average": share(sum(values), len(values), "0.01"), "count": len(values)}
                for aspect, values in rated.items()
            },
            "eligible": eligible,
            "coverage": share(len(reviews), eligible, "0.0001"),
            "months": self._months(reviews),
        }

    def _scores(self, reviews: Sequence[Json]) -> Json:
        scores = [review["score"] for review in reviews]
        histogram = {score: scores.count(score) for score in range(1, 6)}
        interval = interval_of(histogram)
        return {
            "average": share(sum(scores), len(scores), "0.01"),
            "interval": interval and {"low": float(interval.low), "high": float(interval.high)},
            "count": len(scores),
            "small_sample": 0 < len(scores) < 30,
            "histogram": {str(score): number for score, number in histogram.items()},
        }

    def _months(self, reviews: Sequence[Json]) -> list[Json]:
        """Of reviews of less than two years."""
        scores: dict[str, list[int]] = {}
        for review in reviews:
            scores.setdefault(review["experienced_on"], []).append(review["score"])
        return [
            {"month": month, "average": share(sum(of), len(of), "0.01"), "count": len(of)}
            for month, of in sorted(scores.items())
        ]

    def wall(self, product: str, limit: int, after: str | None) -> Json:
        """A page, newest first."""
        reviews = [r for r in reversed(self.reviews) if r["product"] == product]
        below = [r for r in reviews if after is None or r["log"]["index"] < int(after)]
        page = below[:limit]
        return {
            "product": product,
            "items": page,
            "next": str(page[-1]["log"]["index"]) if len(below) > limit else None,
            "total": len(reviews),
            "total_is_exact": True,
        }

    def answer(self, path: str) -> bytes | None:
        """What stands at ``path`` below the prefix."""
        plain, _, query = path.partition("?")
        if plain.startswith(f"/log/{INSURER}/"):
            return self.files().get(plain.removeprefix(f"/log/{INSURER}/"))
        parts = plain.removeprefix("/api/v1/").split("/")
        match parts:
            case ["products"]:
                return _dump({"items": [self._product(sku) for sku in self.listed]})
            case ["products", sku, "summary"] if sku in self.listed:
                return _dump(self.summary(sku))
            case ["products", sku, "reviews"] if sku in self.listed:
                asked = parse_qs(query)
                after = asked.get("after", [None])[0]
                return _dump(self.wall(sku, int(asked["limit"][0]), after))
            case ["insurers", slug, "reviews.jsonl"] if slug == INSURER:
                return b"".join(_dump(review) + b"\n" for review in self.reviews)
            case ["reviews", review]:
                found = [shown for shown in self.reviews if shown["id"] == review]
                return _dump(found[0]) if found else None
        return None

    def _product(self, sku: str) -> Json:
        names = {"name": sku, "insurer": INSURER, "insurer_name": self.insurer_name}
        return {"sku": sku, **names, "stages": list(STAGES)}

    def files(self) -> dict[str, bytes]:
        """The log's files as it stands now."""
        state = [*self.leaves], self.signers
        if self._published is None or self._published[0] != state:
            self._published = state, log_files(self.leaves, *self.signers)
        return self._published[1]

    def fetch(self, url: str) -> Answer:
        """A fetcher that needs no network."""
        assert url.startswith(PREFIX), url
        data = self.answer(url.removeprefix(PREFIX))
        return Answer.of(b"", 404) if data is None else Answer.of(data)


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def large_shop(entries: int, products: int = 6) -> StaticShop:
    """A shop whose log has about so many entries: for every review an invitation, for one in
    three a reply, now and then a follow-up."""
    shop = StaticShop()
    number = 0
    by_id: dict[str, Json] = {}
    shop.find = by_id.__getitem__  # type: ignore[method-assign,assignment]
    while len(shop.leaves) < entries:
        number += 1
        shop.at += 3600 * (number % 7 == 0)
        product, stage = f"p-{number % products}", STAGES[number % 3]
        text = None if number % 4 == 0 else f"第{number}条评价：报案后三天查勘员才来，说明不清楚。"
        review = shop.review(product, stage, 1 + number * 7 % 5, text, speed=1 + number % 5)
        by_id[review["id"]] = shop.reviews[-1]
        if number % 3 == 0:
            shop.reply(review["id"], f"第{number}条的回复。")
        if number % 50 == 1 and text:
            shop.follow_up(review["id"])
    return shop


def write_files(shop: StaticShop, folder: Path) -> None:
    """Write everything that the shop shows below ``folder``, for :func:`serve_folder`."""
    paths = ["/api/v1/products", f"/api/v1/insurers/{INSURER}/reviews.jsonl"]
    answers = {f"/log/{INSURER}/{path}": data for path, data in shop.files().items()}
    for sku in shop.listed:
        paths.append(f"/api/v1/products/{sku}/summary")
        first, after = f"/api/v1/products/{sku}/reviews", None
        for _ in range(2):
            page = shop.wall(sku, 50, after)
            answers[first if after is None else f"{first}@{after}"] = _dump(page)
            after = page["next"]
    for path in paths:
        data = shop.answer(path)
        assert data is not None, path
        answers[path] = data
    for path, data in answers.items():
        file = folder / f"{path.lstrip('/')}{_SUFFIX}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


class _Files(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        after = parse_qs(parts.query).get("after", [""])[0]
        page = f"@{after}" if after else ""
        file = self.folder / f"{parts.path.lstrip('/')}{page}{_SUFFIX}"
        found = file.is_file()
        self.send_response(200 if found else 404)
        data = file.read_bytes() if found else b""
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(ConnectionError):  # Whoever has read enough goes away.
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are the test's own."""


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serve the files below ``folder`` on this machine; the address, without a final slash."""
    handler = type("Files", (_Files,), {"folder": folder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    write_files(large_shop(int(sys.argv[2])), Path(sys.argv[1]))
