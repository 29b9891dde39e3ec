"""The check of a receipt in Chromium: the real page, served by the application on both engines.

What it says of a shop that was tampered with: ``test_tampered.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from insurance_reviews.moderation.log_keys import retire_keys, rotate_key
from insurance_reviews.moderation.tlog.note import Signer
from insurance_reviews.moderation.verify.outcome import Options, Outcome
from insurance_reviews.moderation.verify.run import verify
from insurance_reviews.plugin.services.reviews import Submitted
from support import axe
from support.host import PREFIX
from support.world import AUTHORITY, TEXT

from .checking import (
    FINE,
    STEPS,
    Check,
    Json,
    Rewritten,
    Tall,
    changed_leaf,
    checking,
    data_of,
    receipt_of,
    shows,
)
from .watch import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

# --- What is as it should be --------------------------------------------------------------------


def test_untouched(place: Site) -> None:
    """At every size of the log since, and first of all at the size of the receipt."""
    review = place.host.world.submit(
        score=1, text=TEXT, display_name="王小明", aspects={"speed": 1}
    )
    receipt = receipt_of(place, review, key=True)
    with checking(place, review.id) as check:
        assert check.run(receipt).steps == FINE
        assert (check.kind, check.title) == ("good", "原样还在，没有改动。")
        assert "作者密钥也是这条评价的" in check.said("words")
        for _ in range(3):
            place.host.world.invite()
            assert check.run(receipt).steps == FINE
        assert check.run(receipt["proof"], f"{review.id}.tlog-proof").kind == "good"
        expected = {**FINE, "words": "skip", "key": "skip"}
        assert check.steps == expected
        assert check.run(receipt_of(place, review)).steps == FINE


def test_what_is_public_now(place: Site) -> None:
    """Without a receipt the shop's own is taken, and the page says what that is worth."""
    review = place.host.world.submit(text=TEXT)
    with checking(place, review.id) as check:
        check.page.get_by_text("手边没有回执？").click()
        check.page.get_by_role("button", name="核验现在公开的内容").click()
        assert check.wait().steps == FINE
        assert "本站刚刚提供的" in check.verdict


def test_stars_only(place: Site) -> None:
    review = place.host.world.submit(text=None)
    receipt = receipt_of(place, review)
    assert (receipt["item"], receipt["salt"], receipt["text"]) == (None, None, None)
    with checking(place, review.id) as check:
        assert check.run(receipt).steps == FINE
        assert "当初没有写文字" in check.said("text")


def test_with_a_follow_up(place: Site) -> None:
    review = place.host.world.submit(text=TEXT, display_name="欧阳娜娜")
    receipt = receipt_of(place, review)
    place.host.world.follow_up(review)
    with checking(place, review.id) as check:
        assert check.run(receipt).steps == {**FINE, "followups": "ok"}
        assert "1 条" in check.said("followups")


def test_removed_on_a_report(place: Tall) -> None:
    """The search goes over a tile's edge; the report and its answer are told."""
    world, review = place.host.world, place.first
    receipt = receipt_of(place, review)
    assert (receipt["index"], receipt["text"]) == (2, TEXT)
    report = world.report(review)
    world.remove(review, report.id)
    with checking(place, review.id) as check:
        check.run(receipt)
        assert (check.kind, check.title, check.wrong) == ("lawful", "文字已凭报告移除。", [])
        for told in (AUTHORITY, "涉及他人个人信息", "监管机构尚未确认"):
            assert told in check.verdict
        world.acknowledge(report.id, "disputed", "未收到")
        assert check.run(receipt).kind == "lawful"
        assert "监管机构提出异议" in check.verdict
        # The file of today holds no words any more, and proves the score still.
        later = receipt_of(place, review)
        assert (later["salt"], later["name"], later["text"]) == (None, None, None)
        assert check.run(later).kind == "lawful"
        assert check.steps == {**FINE, "words": "skip"}


def test_redacted_twice_then_removed(place: Site) -> None:
    world = place.host.world
    review = world.submit(text=TEXT, display_name="王小明")
    receipt = receipt_of(place, review)
    once = TEXT.replace("查勘员", "███")
    world.remove(review, redacted=once)
    with checking(place, review.id) as check:
        assert check.run(receipt).title == "部分文字已凭报告遮盖。"
        assert "其余每个字都是原文" in check.said("text")
        assert check.run(receipt_of(place, review)).kind == "lawful"
        assert "要用含有原文的回执才能核验" in check.said("text")
        world.remove(review, item=world.item_of(review), redacted=once.replace("自费药", "███"))
        assert check.run(receipt).kind == "lawful"
        assert check.verdict.count(AUTHORITY) == 2
        world.remove(review, item=world.item_of(review))
        assert check.run(receipt).title == "文字已凭报告移除。"
        assert check.verdict.count(AUTHORITY) == 3


def test_withdrawn(place: Site) -> None:
    world = place.host.world
    review = world.submit(text=TEXT)
    receipt = receipt_of(place, review, key=True)
    world.follow_up(review)
    world.withdraw(review)
    with checking(place, review.id) as check:
        check.run(receipt)
        assert (check.kind, check.title, check.wrong) == ("lawful", "作者撤回了文字。", [])
        assert check.steps["followups"] == "ok"


def test_a_follow_up_of_a_review_without_words(shelf: Site) -> None:
    """It keeps the name that it bears."""
    world = shelf.host.world
    review = world.submit(text=TEXT, display_name="王小明")
    world.follow_up(review)
    world.remove(review)
    with checking(shelf, review.id) as check:
        check.run(receipt_of(shelf, review))
        assert (check.kind, check.steps["followups"]) == ("lawful", "ok")


def verify_command(site: Site, log: str, keys: list[str], receipt: Json, folder: Path) -> Outcome:
    """What the command on the page comes to."""
    path = folder / "mine.receipt.json"
    path.write_text(json.dumps(receipt), encoding="utf-8")
    return verify(
        Options(key=keys[0], more_keys=keys[1:], url=log, receipts=[path], evidence=folder)
    )


def test_another_key_that_was_announced(place: Site, tmp_path: Path) -> None:
    """In the overlap both keys sign; afterwards the log itself leads to the new one."""
    world = place.host.world
    review = world.submit(product="boshan-medical", text=TEXT)
    receipt = receipt_of(place, review)
    logs, ref = world.context.logs, world.ref("boshan")
    key = world.write(lambda session: rotate_key(session, logs, ref, world.now))
    with checking(place, review.id) as check:
        assert check.run(receipt).steps == FINE
        world.read(lambda session: retire_keys(session, logs.keys, ref))
        for _ in range(3):
            world.submit(product="boshan-medical", text=None)
        assert check.run(receipt).steps == FINE
        assert "登记簿换过密钥" in check.said("key")
        command = check.page.locator("pre").inner_text().split()
        assert command[2:8] == ["\\", "--key", receipt["log"]["key"], "\\", "--key", key]
        outcome = verify_command(place, command[1], [command[4], command[7]], receipt, tmp_path)
        assert (outcome.exit_code, outcome.receipts[0].status) == (0, "stands")
        assert receipt_of(place, review)["log"]["key"] == key
        assert check.run(receipt_of(place, review)).steps == FINE
        assert "由您回执里的那把密钥" in check.said("key")
        # The bare proof of old names no key, and the announced one did not sign it.
        assert check.run(receipt["proof"]).title == "单凭这份文件无法判断。"


def test_the_command_comes_to_the_same(shelf: Site, tmp_path: Path) -> None:
    """For whoever distrusts the page: the receipt in the verifier that is not a page."""
    world = shelf.host.world
    fates: dict[str, Callable[[Submitted], object]] = {
        "stands": lambda review: world.follow_up(review),
        "removed": lambda review: world.remove(review),
        "redacted": lambda review: world.remove(review, redacted=TEXT.replace("查勘员", "███")),
        "withdrawn": lambda review: world.withdraw(review),
    }
    reviews = {fate: world.submit(product="chunhe-motor", text=TEXT) for fate in fates}
    receipts = {fate: receipt_of(shelf, review, key=True) for fate, review in reviews.items()}
    for fate, review in reviews.items():
        fates[fate](review)
    paths = [tmp_path / fate for fate in fates]
    for path in paths:
        path.write_text(json.dumps(receipts[path.name]), encoding="utf-8")
    log = receipts["stands"]["log"]
    options = Options(key=log["key"], url=log["url"], receipts=paths, evidence=tmp_path)
    outcome = verify(options)
    assert [told.status for told in outcome.receipts] == list(fates)
    titles = []
    for fate, review in reviews.items():
        with checking(shelf, review.id) as check:
            titles.append(check.run(receipts[fate]).title)
            assert check.wrong == []
    assert titles == [
        "原样还在，没有改动。",
        "文字已凭报告移除。",
        "部分文字已凭报告遮盖。",
        "作者撤回了文字。",
    ]


# --- Files that are not what they should be -----------------------------------------------------


def altered(receipt: Json) -> Iterator[tuple[str, Json]]:
    """A receipt with one thing changed."""
    proof: str = receipt["proof"]
    lines = proof.split("\n")
    leaf = json.loads(receipt["leaf"])

    def with_leaf(**changes: object) -> Json:
        return {**receipt, "leaf": changed_leaf(receipt["leaf"].encode(), **changes).decode()}

    yield "text", {**receipt, "text": "很满意。"}
    yield "name", {**receipt, "name": "李**"}
    yield "salt", {**receipt, "salt": "00" * 32}
    yield "author key", {**receipt, "author_key": "00" * 32}
    yield "score in the leaf", with_leaf(score=5)
    yield "commitment in the leaf", with_leaf(commitment="00" * 32)
    yield "item in the leaf", with_leaf(item="it_" + "a" * 26)
    yield "spaces in the leaf", {**receipt, "leaf": json.dumps(leaf, ensure_ascii=False)}
    yield "index", {**receipt, "index": receipt["index"] - 1}
    yield "index in the proof", {**receipt, "proof": proof.replace("index ", "index 1")}
    moved = proof.replace(f"index {receipt['index']}", f"index {receipt['index'] - 1}")
    yield "both indexes", {**receipt, "index": receipt["index"] - 1, "proof": moved}
    yield "a hash", {**receipt, "proof": proof.replace(lines[2], "A" * 43 + "=")}
    yield "a hash less", {**receipt, "proof": proof.replace(lines[2] + "\n", "", 1)}
    size = lines[lines.index("") + 2]
    yield "the size", {**receipt, "proof": proof.replace(f"\n{size}\n", f"\n1{size}\n")}
    yield "the origin", {**receipt, "proof": proof.replace("log/anxin\n", "log/boshan\n")}
    other = Signer.generate(receipt["log"]["origin"]).verifier_key()
    yield "the key", {**receipt, "log": {**receipt["log"], "key": other}}
    yield "no key", {**receipt, "log": {**receipt["log"], "key": "x"}}


def test_a_file_that_was_altered(shelf: Site) -> None:
    """Never "tampered", which would accuse the shop; never "stands" either."""
    review = shelf.host.world.submit(score=1, text=TEXT)
    shelf.host.world.invite()
    receipt = receipt_of(shelf, review, key=True)
    with checking(shelf, review.id) as check:
        for what, file in altered(receipt):
            check.run(file)
            assert check.kind == "unclear", what
            assert check.title in {
                "这份文件证明不了什么。",
                "这份回执被动过手脚。",
                "这份回执被改动过。",
                "这份回执不完整。",
            }, what
            assert "facts" not in check.wrong, what
        bare = receipt["proof"].replace("index ", "index 1")
        assert check.run(bare).kind == "unclear"
        assert check.run(receipt).steps == FINE


NO_RECEIPTS = [
    (b"", "里面是空的。"),
    (b" \r\n ", "里面是空的。"),
    (b"hello", "这不是回执。"),
    (b"[1]", "这不是回执。"),
    (b"{}", "这不是回执。"),
    (b'{"proof": 1, "leaf": 2, "version": 1}', "这份回执被改动过。"),
    (b'{"proof": 1, "leaf": 2, "version": 2}', "这份回执比本页的版本新。"),
    (b"\x89PNG\xff\xfe", "这不是回执。"),
    (b"c2sp.org/tlog-proof@v1\nindex 2\n", "这份回执不完整。"),
    (b'{"proof": ' + b"[" * 200_000, "这份回执不完整。"),
    (b"x" * 1_000_001, "这个文件太大，不是回执。"),
]


def test_a_file_that_is_none(shelf: Site) -> None:
    review = shelf.host.world.submit(text=TEXT)
    with checking(shelf, review.id) as check:
        for content, title in NO_RECEIPTS:
            assert (check.run(content).kind, check.title) == ("unclear", title), content[:40]
            assert check.run(receipt_of(shelf, review)).kind == "good"


def test_a_file_cut_anywhere(shelf: Site) -> None:
    review = shelf.host.world.submit(text=TEXT)
    whole = json.dumps(receipt_of(shelf, review), ensure_ascii=False, indent=1)
    with checking(shelf, review.id) as check:
        for length in range(60, len(whole), 97):
            check.run(whole[:length])
            assert check.title == "这份回执不完整。", length


def test_receipts_of_elsewhere(shelf: Site) -> None:
    """Of another review: a link leads there. Of another log: what to do is said."""
    world = shelf.host.world
    here, there = world.submit(text=TEXT), world.submit(text=None)
    of_log = world.submit(product="boshan-medical", text=TEXT)
    with checking(shelf, here.id) as check:
        for receipt in (receipt_of(shelf, there), receipt_of(shelf, there)["proof"]):
            check.run(receipt)
            assert (check.kind, check.wrong) == ("unclear", [])
            assert check.title == "这是另一条评价的回执。"
        check.run(receipt_of(shelf, of_log))
        assert (check.kind, check.title) == ("unclear", "这是另一份登记簿的回执。")
        assert "shop.example/reviews/log/boshan" in check.verdict
        check.run(receipt_of(shelf, there))
        check.page.get_by_role("link", name="到它所属的评价去核验").click()
        check.page.wait_for_url(f"**/r/{there.id}/verify")


def test_a_server_that_does_not_answer(shelf: Site) -> None:
    """That is no verdict over the review, and says what was missing."""
    review = shelf.host.world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    shelf.host.world.invite()
    size = len(Rewritten(shelf).leaves())
    # Nonsense for a key is no harm: the receipt brings the one that counts.
    missing = {
        "/log/anxin/checkpoint": "bad",
        "/log/anxin/key": "good",
        f"/log/anxin/tile/0/001.p/{size - 256}": "unclear",
    }
    with checking(shelf, review.id, {}) as check:
        for path, nonsense in missing.items():
            check.served = {path: 404}
            assert check.run(receipt).title == "核验没能完成。"
            assert path in check.verdict
            check.served = {path: b"x"}
            assert check.run(receipt).kind == nonsense
            check.served = {}
            assert check.run(receipt).kind == "good"


# --- The page -----------------------------------------------------------------------------------


def test_by_keyboard_and_by_paste(shelf: Site) -> None:
    """Tab leads from field to field; what was pasted stays whatever comes of it."""
    review = shelf.host.world.submit(text=TEXT)
    receipt = json.dumps(receipt_of(shelf, review), ensure_ascii=False)
    with checking(shelf, review.id) as check:
        page = check.page
        page.get_by_role("link", name="查看评价").focus()
        page.keyboard.press("Tab")
        assert page.locator("[data-file]:focus").count() == 1
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.locator("[data-paste]:focus").count() == 1
        page.keyboard.insert_text(receipt[:-20])
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert check.wait().title == "这份回执不完整。"
        for _ in range(3):
            page.keyboard.press("Shift+Tab")
        assert page.locator("[data-paste]:focus").input_value() == receipt[:-20]
        page.locator("[data-paste]").fill(receipt.replace("\n", "\r\n") + "\n\n")
        page.get_by_role("button", name="开始核验").press("Enter")
        assert check.wait().kind == "good"


def drop(page: Page, selector: str, *files: str) -> bool:
    """Drop files there; whether the browser would have opened them instead of the page."""
    return page.evaluate(  # type: ignore[no-any-return]
        """([selector, files]) => {
          const data = new DataTransfer();
          for (const file of files) data.items.add(new File([file], "receipt.json"));
          const options = { dataTransfer: data, bubbles: true, cancelable: true };
          return document.querySelector(selector).dispatchEvent(new DragEvent("drop", options));
        }""",
        [selector, list(files)],
    )


def test_by_dropping(shelf: Site) -> None:
    """Anywhere on the page, one file at a time; the page stays."""
    review = shelf.host.world.submit(text=TEXT)
    receipt = json.dumps(receipt_of(shelf, review))
    with checking(shelf, review.id) as check:
        assert drop(check.page, "h1", receipt) is False
        assert check.wait().kind == "good"
        drop(check.page, "[data-drop]", receipt, receipt)
        check.page.get_by_text("请一次只选一个文件。").wait_for()
        assert check.steps == dict.fromkeys(STEPS)


def test_the_same_file_again(shelf: Site) -> None:
    """The latest choice counts, also while an earlier one is still being checked."""
    review = shelf.host.world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    with checking(shelf, review.id) as check:
        for _ in range(3):
            assert check.run(receipt).kind == "good"
        check.page.evaluate(
            """files => { for (const file of files) {
              const data = new DataTransfer();
              data.items.add(new File([file], "receipt.json"));
              dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
            } }""",
            [json.dumps({**receipt, "salt": "00" * 32}), json.dumps(receipt), "garbage"],
        )
        check.page.get_by_text("这不是回执。").wait_for()
        check.page.wait_for_timeout(500)
        assert check.title == "这不是回执。"


@pytest.mark.parametrize(
    "lack",
    [
        "delete SubtleCrypto.prototype.verify",
        "SubtleCrypto.prototype.importKey = async () => { throw new DOMException('Ed25519') }",
        "Object.defineProperty(crypto, 'subtle', { value: undefined })",
    ],
)
def test_a_browser_that_cannot(shelf: Site, lack: str) -> None:
    """It says so, and names the command that can."""
    review = shelf.host.world.submit(text=TEXT)
    with shelf.window() as window:
        window.page.add_init_script(lack)
        page = window.open(f"{PREFIX}/r/{review.id}/verify")
        page.get_by_text("这个浏览器无法核验签名。").wait_for()
        assert page.locator("[data-tool]").is_hidden()
        assert page.get_by_text("insurance-reviews-verify").is_visible()


def test_the_command(shelf: Site) -> None:
    """It names the key of the receipt, which its keeper trusts, once there is one."""
    review = shelf.host.world.submit(text=TEXT)
    receipt = receipt_of(shelf, review)
    other = Signer.generate("log.example/x").verifier_key()
    with checking(shelf, review.id) as check:
        command = check.page.locator("pre")
        log = f"{shelf.address}{PREFIX}/log/anxin/"
        key = receipt["log"]["key"]
        assert command.inner_text().split() == [
            *("insurance-reviews-verify", log, "\\", "--key", key, "\\"),
            *("--receipt", f"{review.id}.receipt.json"),
        ]
        check.run({**receipt, "log": {**receipt["log"], "key": other}})
        assert other in command.inner_text()
        check.run({**receipt, "log": {**receipt["log"], "key": "; shutdown now"}})
        assert "shutdown" not in command.inner_text()


def test_without_javascript(shelf: Site) -> None:
    review = shelf.host.world.submit(text=TEXT)
    with shelf.window(java_script_enabled=False) as window:
        page = window.open(f"{PREFIX}/r/{review.id}")
        page.get_by_role("link", name="核验", exact=True).click()
        assert page.get_by_text("需要启用 JavaScript").is_visible()
        assert page.locator("[data-tool]").is_hidden()
        assert page.get_by_text("insurance-reviews-verify").is_visible()


def test_nothing_of_the_receipt_is_sent(shelf: Site) -> None:
    """Neither key, nor salt, nor words: what is asked for is public, and the same for everybody."""
    review = shelf.host.world.submit(text=TEXT)
    receipt = receipt_of(shelf, review, key=True)
    with shelf.window() as window:
        page = window.open(f"{PREFIX}/r/{review.id}/verify")
        page.locator("[data-tool]").wait_for()
        window.sent.clear()
        Check(page, shelf).run(receipt)
        assert page.context.cookies() == []
        assert len(window.sent) >= 3
        for sent in window.sent:
            assert sent.split("\n")[-1] == ""
            for secret in (receipt["author_key"], receipt["salt"], TEXT):
                assert secret not in sent


@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [("zh-CN", 390, "dark"), ("en", 1280, "light")]
)
def test_accessible_in_every_state(shelf: Site, lang: str, width: int, scheme: str) -> None:
    """On a phone in the dark and on a desk by day; nothing scrolls sideways."""
    review = shelf.host.world.submit(score=1, text=TEXT)
    receipt = receipt_of(shelf, review)
    bad = {data_of(review): shows(lambda shown: shown.update(score=5, text="很满意。" * 40))}
    size = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    with checking(shelf, review.id, bad, locale=lang, **size) as check:
        for file in (None, receipt, "garbage"):
            if file is not None:
                check.run(file)
            assert check.page.evaluate("document.documentElement.scrollWidth") <= width
            assert axe.violations(check.page) == []


# --- Keeping the receipt ------------------------------------------------------------------------


def send(page: Page) -> None:
    page.locator("label:has([name=score][value='2'])").click()
    page.locator("[name=text]").fill(TEXT)
    page.locator("[name=consent]").check()
    page.locator("[name=action][value=publish]").click()
    page.wait_for_url("**/receipt")


@pytest.mark.parametrize("script", [True, False])
def test_the_writer_saves_one_file(shelf: Site, script: bool, tmp_path: Path) -> None:
    """With the author key in it, whoever made that; it is checked at once, and can be later."""
    with shelf.window(java_script_enabled=script, accept_downloads=True) as window:
        page = window.open(shelf.invitation())
        if script:
            page.wait_for_function("document.forms[0].elements.author.value.length === 64")
        send(page)
        key = page.locator("[data-key]").inner_text().replace("\n", "").replace(" ", "")
        window.sent.clear()
        button = page.get_by_role("link" if script else "button", name="保存回执")
        with page.expect_download() as download:
            button.click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        receipt = json.loads(file.read_text(encoding="utf-8"))
        review = json.loads(receipt["leaf"])["review"]
        assert file.name == f"{review}.receipt.json"
        assert (receipt["author_key"], receipt["text"]) == (key, TEXT)
        assert receipt == {**receipt_of(shelf, review), "author_key": key}
        if script:
            assert not [sent for sent in window.sent if key in sent]
            page.get_by_role("link", name="马上核验").click()
            page.locator("[data-tool]").wait_for()
            page.set_input_files("[data-file]", file)
            assert Check(page, shelf).wait().steps == FINE
            page.go_back()
        page.reload()
        with page.expect_download() as download:
            page.get_by_role("link", name="保存回执").click()
        download.value.save_as(file)
        assert json.loads(file.read_text(encoding="utf-8")) == {**receipt, "author_key": None}
