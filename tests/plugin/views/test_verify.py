"""The receipt file, and the page that checks it, as they are served; the check itself runs in a
browser: ``tests/browser/test_verify.py``."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from insurance_reviews.moderation.commitment import Words, author_of
from insurance_reviews.moderation.log_keys import rotate_key
from insurance_reviews.moderation.tlog.note import Verifier
from insurance_reviews.moderation.tlog.proof import Receipt, check_receipt
from insurance_reviews.plugin.services.reviews import Submitted
from support.answers import check_headers, check_refusal
from support.checkout import ROOT
from support.host import ADDRESS, PREFIX, Host
from support.world import TEXT

Json = dict[str, Any]
ORIGIN = "shop.example/reviews/log/anxin"


def path_of(review: Submitted, name: str = "receipt.json") -> str:
    return f"{PREFIX}/r/{review.id}/{name}"


def file_of(host: Host, review: Submitted) -> Json:
    answer = host.client().get(path_of(review))
    assert answer.status_code == 200
    return json.loads(answer.get_data())  # type: ignore[no-any-return]


def test_the_file_is_all_that_a_check_needs(host: Host) -> None:
    """With nothing but what stands in it, everything in it is proven."""
    review = host.world.submit(score=1, text=TEXT + '\n"😀', display_name="王小明")
    host.world.invite()
    answer = host.client().get(path_of(review))
    check_headers(answer)
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = f'attachment; filename="{review.id}.receipt.json"'
    assert answer.headers["Content-Disposition"] == disposition
    file = json.loads(answer.get_data())
    fields = "version log index leaf item salt name text author_key proof"
    assert " ".join(file) == fields
    assert (file["version"], file["author_key"]) == (1, None)
    assert file["log"]["origin"] == ORIGIN
    assert file["log"]["url"] == f"{ADDRESS}{PREFIX}/log/anxin/"
    receipt = Receipt.parse(file["proof"])
    assert receipt.index == file["index"] == review.entry.index
    assert file["leaf"].encode() == review.entry.leaf
    key = Verifier.parse(file["log"]["key"])
    assert check_receipt(receipt, file["leaf"].encode(), key, origin=ORIGIN).size == 4
    leaf = json.loads(file["leaf"])
    words = Words(file["name"], file["text"], bytes.fromhex(file["salt"]))
    assert (leaf["item"], leaf["commitment"]) == (file["item"], words.commitment)
    assert file["text"] == TEXT + '\n"😀'
    stored = host.client().get(f"{PREFIX}/api/v1/reviews/{review.id}/receipt")
    assert stored.get_data(as_text=True) == file["proof"]


def test_the_file_with_the_author_key(host: Host) -> None:
    """It comes back to who brought it, and stays nowhere."""
    review = host.world.submit(text=TEXT)
    before = host.world.snapshot()
    answer = host.client().post(path_of(review), data={"author_key": review.author_key})
    check_headers(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    file = json.loads(answer.get_data())
    assert file == {**file_of(host, review), "author_key": review.author_key}
    assert author_of(file["author_key"]) == json.loads(file["leaf"])["author"]
    assert host.world.snapshot() == before
    assert str(review.author_key) not in repr(before)


@pytest.mark.parametrize("key", [None, "", "00" * 32, "é", "0" * 63, "AB" * 32])
def test_only_the_right_key_goes_into_the_file(host: Host, key: str | None) -> None:
    review = host.world.submit(text=TEXT)
    data = {} if key is None else {"author_key": key}
    headers = {"Accept": "application/json"}
    answer = host.client().post(path_of(review), data=data, headers=headers)
    assert check_refusal(answer, 403)["code"] == "author-key-mismatch"


def test_the_file_once_the_words_are_gone(host: Host) -> None:
    """The proof of the score stays; of a redaction it holds nothing, whose salt fits another
    entry."""
    stars, removed, redacted, withdrawn = (
        host.world.submit(text=text) for text in (None, TEXT, TEXT, TEXT)
    )
    host.world.remove(removed)
    host.world.remove(redacted, redacted=TEXT.replace("查勘员", "███"))
    host.world.withdraw(withdrawn)
    for review in (stars, removed, redacted, withdrawn):
        file = file_of(host, review)
        assert [file[field] for field in ("salt", "name", "text")] == [None, None, None]
        assert file["item"] == json.loads(file["leaf"])["item"]
        assert (file["item"] is None) == (review is stars)
        key = Verifier.parse(file["log"]["key"])
        check_receipt(Receipt.parse(file["proof"]), file["leaf"].encode(), key, origin=ORIGIN)


def test_the_file_names_the_newest_key(host: Host) -> None:
    """Its checkpoint is signed by that key, too."""
    review = host.world.submit(text=TEXT)
    world = host.world
    key = world.write(lambda s: rotate_key(s, world.context.logs, world.ref(), world.now))
    file = file_of(host, review)
    assert file["log"]["key"] == key
    receipt = Receipt.parse(file["proof"])
    check_receipt(receipt, file["leaf"].encode(), Verifier.parse(key), origin=ORIGIN)


def test_the_page_leads_to_the_check_and_back(host: Host) -> None:
    client = host.client()
    review = host.world.submit(text=TEXT)
    link = f'href="{path_of(review, "verify")}"'
    assert link in client.get(path_of(review, "")).get_data(as_text=True)
    receipt = client.get(path_of(review, "receipt")).get_data(as_text=True)
    assert f'href="{ADDRESS}{path_of(review, "verify")}"' in receipt
    page = client.get(path_of(review, "verify"))
    check_headers(page)
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    assert f'data-log="{PREFIX}/log/anxin/" data-origin="{ORIGIN}"' in html
    assert f'data-data="{PREFIX}/api/v1/reviews/{review.id}"' in html
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]


def test_the_page_of_a_review_that_is_gone(host: Host) -> None:
    """It knows every log of the site, of one of which the receipt must be; other addresses are
    none."""
    page = host.client().get(f"{PREFIX}/r/rv_{'a' * 26}/verify", headers={"Accept": "text/html"})
    check_refusal(page, 404)
    html = page.get_data(as_text=True)
    assert re.findall(r'data-origin="shop.example/reviews/log/(\w+)"', html) == [
        "anxin",
        "boshan",
        "chunhe",
    ]
    for name in ("x", "rv_", f"iv_{'a' * 26}", f"rv_{'a' * 25}1"):
        answer = host.client().get(f"{PREFIX}/r/{name}/verify")
        assert "data-verify" not in answer.get_data(as_text=True)
        check_refusal(answer, 404)


def sentences(host: Host, lang: str) -> dict[str, str]:
    """What the page has to say, by its key."""
    review = host.world.submit(text=TEXT)
    html = host.client().get(f"{path_of(review, 'verify')}?lang={lang}").get_data(as_text=True)
    return dict(re.findall(r'data-says="([^"]+)"[^>]*>(.*?)</(?:p|div|li|a|dl)>', html, re.DOTALL))


def test_the_sentences_of_both_languages_have_the_same_places(host: Host) -> None:
    """A script fills them in, and knows no language."""
    chinese, english = sentences(host, "zh-CN"), sentences(host, "en")
    assert len(chinese) > 70
    places = re.compile(r"\{\w+\}")
    assert {key: sorted(places.findall(text)) for key, text in chinese.items()} == {
        key: sorted(places.findall(text)) for key, text in english.items()
    }


def test_there_is_a_sentence_for_every_judgement(host: Host) -> None:
    """Of a text, and of a file; the rest is seen in a browser."""
    known = sentences(host, "zh-CN").keys()
    static = ROOT / "widgets" / "static"
    review = (static / "verify-review.js").read_text(encoding="utf-8")
    judged = set(re.findall(r'(?:return|\?|:) "([a-z]+)"', review)) | {"unsearched"}
    right = {"stars", "stands", "redacted", "redacted-unseen", "removed", "withdrawn"}
    told = {f"text.{'ok' if name in right else 'bad'}-{name}" for name in judged | right}
    assert {key for key in known if key.startswith("text.")} == told
    file = (static / "receipt-file.js").read_text(encoding="utf-8")
    codes = set(re.findall(r'refuse\("([a-z]+)"\)', file)) | {"many"}
    assert {key for key in known if key.startswith("verdict.file-")} == {
        f"verdict.file-{code}" for code in codes
    }
