"""``docs/quickstart.md`` by curl alone, against ``insurance-reviews serve``, on both engines."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.plugin.app import create_app
from insurance_reviews.plugin.current import get_state
from insurance_reviews.plugin.services import catalogue
from support import standalone
from support.checkout import ROOT

#: The demo's tokens, and whose they are.
TOKENS = {
    "demo-storefront": ("storefront", "shop"),
    "demo-insurer-judeng": ("insurer", "judeng"),
    "demo-compliance-judeng": ("compliance", "judeng"),
    "demo-regulator": ("regulator", "临江监管局"),
}
MARK = "--- block"
STAND_IN = """
import argparse, sys, urllib.error, urllib.request
parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("-s", action="store_true")
parser.add_argument("-X", default=None)
parser.add_argument("-H", action="append", default=[])
parser.add_argument("-d", default=None)
given = parser.parse_args()
headers = dict(header.split(": ", 1) for header in given.H)
data = None if given.d is None else given.d.encode()
request = urllib.request.Request(given.url, data, headers, method=given.X)
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
sys.stdout.buffer.write(answer.read())
"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Those of a small service of its own."""
    values = {
        "database_url": database_url,
        "public_url": "https://reviews.example",
        "state_dir": str(tmp_path / "state"),
        "policy_key": "a1" * 32,
        "invitation_key": "b2" * 32,
        "mail_folder": str(tmp_path / "mail"),
    }
    return {f"INSURANCE_REVIEWS_{name.upper()}": value for name, value in values.items()}


@pytest.fixture
def address(settings: dict[str, str]) -> Iterator[str]:
    """The service, with the product and the tokens that the page speaks of."""
    state = get_state(create_app(settings))
    now = state.clock()

    def found(session: Any) -> None:
        catalogue.add_insurer(session, state.context, "judeng", "橘灯保险", now)
        catalogue.add_product(session, "judeng-medical", "judeng", "灯下百万医疗险", now)
        catalogue.add_storefront(session, "shop", "商城", now, insurers=["judeng"])
        for token, (role, subject) in TOKENS.items():
            catalogue.issue_token(session, role, subject, now, token=token)

    state.work.write(found)
    state.work.engine.dispose()
    with standalone.served(settings) as address:
        yield address


def blocks() -> list[str]:
    """The shell blocks of the page, in order."""
    page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def with_curl(folder: Path) -> dict[str, str]:
    """The environment, with a curl that knows what the page needs where there is no real one."""
    if shutil.which("curl") is None:
        stand_in = folder / "curl"
        stand_in.write_text(f"#!{sys.executable}\n{STAND_IN}", encoding="utf-8")
        stand_in.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_the_quickstart_by_curl(settings: dict[str, str], address: str, tmp_path: Path) -> None:
    """Every block is pasted into one shell; what each prints is what the page says."""
    pasted = blocks()
    assert len(pasted) == 10
    script = "set -eu\n" + "".join(
        f"echo '{MARK}'\n{block.replace('http://127.0.0.1:8000', address)}\necho\n"
        for block in pasted
    )
    done = subprocess.run(
        ["sh", "-c", script], env=with_curl(tmp_path), capture_output=True, text=True, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    _, begin, invited, sent, seen, added, locked, refused, gone, answered, stands = (
        part.strip() for part in done.stdout.split(MARK)
    )
    assert begin == ""
    assert json.loads(invited)["used"] is False
    review = json.loads(sent)
    assert re.fullmatch("[0-9a-f]{64}", review["author_key"])
    wall, _, receipt = seen.partition("c2sp.org/tlog-proof@v1\n")
    [shown] = json.loads(wall)["items"]
    assert (shown["id"], shown["display_name"]) == (review["id"], "欧阳**")
    assert receipt.startswith(f"index {review['log']['index']}\n")
    assert '"version":1' in added
    assert json.loads(locked)["code"] == "score-locked"
    assert json.loads(refused)["code"] == "regulator-report-required"
    package, _, removed = gone.partition('}{"review":')
    assert json.loads(package + "}")["review"]["text"] == "材料交了三次，第四十天才到账。"
    assert removed.startswith(f'"{review["id"]}"')
    assert json.loads(answered)["verdict"] == "disputed"
    score, text, tombstone, count = stands.splitlines()
    assert (score, text, count) == ("2", "None", "1")
    assert "临江监管局" in tombstone
    assert "disputed" in tombstone

    doctor = standalone.run(settings, "doctor")
    assert (doctor.returncode, doctor.stdout.splitlines()[-1]) == (0, "all is well")
