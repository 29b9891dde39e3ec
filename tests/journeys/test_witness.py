"""A shop, its worker and a regulator's witness, each a process of its own, on both engines."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.cosignature import CosignatureVerifier, cosigned_at
from insurance_reviews.moderation.tlog.note import Verifier, open_note
from insurance_reviews.moderation.tlog.proof import Receipt
from support import standalone
from support.host import issue_tokens, settings_of
from support.witnesses import run_witness, witness_process
from support.world import SHOP, World

NAME = "witness.regulator.example/w1"


def fetch(url: str, body: object = None, **headers: str) -> str:
    """GET, or POST where there is a body."""
    data = None if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    with urlopen(Request(url, data, {**kind, **headers}), timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def submit(shop: str, policy: str) -> dict[str, Any]:
    """The shop reports a claim, and its holder reviews."""
    event = {
        "policy_no": policy,
        "product": "anxin-medical",
        "stage": "claim",
        "occurrence": "1",
        "occurred_on": datetime.now(UTC).date().isoformat(),
    }
    api = f"{shop}/api/v1"
    invited = json.loads(fetch(f"{api}/policy-events", event, Authorization=f"Bearer {SHOP}"))
    review = {"invitation": invited["invitation"]["token"], "score": 4, "text": "赔得挺快。"}
    sent: dict[str, Any] = json.loads(fetch(f"{api}/reviews", review))
    return sent


def until_witnessed(shop: str, size: int) -> str:
    """The newest cosigned checkpoint, as soon as it covers so many entries."""
    deadline = time.monotonic() + 30
    while True:
        note = fetch(f"{shop}/log/anxin/witnessed")
        if Checkpoint.of_own_note(note).size >= size:
            return note
        assert time.monotonic() < deadline, note
        time.sleep(0.1)


def test_a_review_is_witnessed_from_outside(world: World, tmp_path: Path) -> None:
    issue_tokens(world)
    regulator = str(tmp_path / "regulator")
    vkey = run_witness("init", "--name", NAME, "--state", regulator).strip()
    started = int(time.time())
    with witness_process(Path(regulator)) as (witness, _):
        settings = settings_of(world, witnesses=f"{vkey} {witness}")
        with standalone.served(settings) as address:
            shop = f"{address}/reviews"
            sent = submit(shop, "PA1")
            size = sent["log"]["index"] + 1

            # Nobody follows the log yet: the worker says what to do, and the wall says so.
            done = standalone.run(settings, "deliver")
            assert done.stdout.endswith("cosigned 0\n")
            assert "give its operator what /key serves" in done.stderr
            with pytest.raises(HTTPError, match="404"):
                fetch(f"{shop}/log/anxin/witnessed")
            assert "目前还没有外部机构为它见证。" in fetch(f"{shop}/products/anxin-medical")

            key = fetch(f"{shop}/log/anxin/key").strip()
            run_witness("log", "add", key, "--state", regulator)
            assert standalone.run(settings, "deliver").stdout.endswith("cosigned 1\n")
            keys = Verifier.parse(key), CosignatureVerifier.parse(vkey)
            opened = open_note(fetch(f"{shop}/log/anxin/checkpoint"), *keys)
            assert [signature.name for signature in opened.verified] == [keys[0].name, NAME]
            assert Checkpoint.parse(opened.text).size == size
            at = cosigned_at(opened.verified[1])
            assert started <= at <= time.time()

            local = datetime.fromtimestamp(at, ZoneInfo("Asia/Shanghai"))
            day = f"{local.year}年{local.month}月{local.day}日"
            assert f"{day}，{NAME}。" in fetch(f"{shop}/products/anxin-medical")
            exact = f'<time datetime="{local.isoformat()}">'
            assert exact in fetch(f"{shop}/r/{sent['id']}")
            assert exact in fetch(f"{shop}/log/anxin/")
            assert f"{size} 条" in fetch(f"{witness}/")
            receipt = Receipt.parse(fetch(f"{shop}/api/v1/reviews/{sent['id']}/receipt"))
            assert len(open_note(receipt.checkpoint, *keys).verified) == 2

            with standalone.running(settings, "deliver", "--forever"):
                index = submit(shop, "PA2")["log"]["index"]
                note = until_witnessed(shop, index + 1)
            assert len(open_note(note, *keys).verified) == 2
            assert run_witness("evidence", "--state", regulator) == ""
