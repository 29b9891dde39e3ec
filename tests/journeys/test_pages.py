"""The main job through the pages, without JavaScript, on SQLite and on PostgreSQL."""

from __future__ import annotations

import email
import re
from email import policy
from pathlib import Path
from typing import Any

import pytest

from insurance_reviews.moderation.commitment import author_of
from support.host import ADDRESS, PREFIX, Host
from support.pages import Browser, Page

TEXT = "报案后三天才有人联系，刘经理一直说在走流程。\n最后赔了八成。"
NAME = "刘经理"


@pytest.fixture
def browser(host: Host) -> Browser:
    """The policyholder's."""
    return Browser(host.client())


@pytest.fixture
def form(host: Host, browser: Browser) -> Page:
    """The form of an invitation to 王小明."""
    return invited(host, browser)


def invited(host: Host, browser: Browser) -> Page:
    from insurance_reviews.plugin.services.policy_events import Holder

    token = host.world.invite(holder=Holder(name="王小明", email="wang@example.cn"))
    return browser.open(f"{PREFIX}/i/{token}")


def published(form: Page, **values: Any) -> Page:
    """The receipt after publishing."""
    answers: dict[str, Any] = {"score": "2", "consent": "y", **values}
    page = form.submit(**answers)
    assert (page.status, page.path.rsplit("/", 1)[-1]) == (200, "receipt"), page.text
    return page


def key_on(page: Page) -> str:
    """The author key that a receipt page shows."""
    return "".join(re.findall(r"<span>([0-9a-f]{8})</span>", page.html))


def mails(host: Host) -> list[tuple[str, str, str]]:
    """(to, subject, text) of the mails that left, oldest first."""
    found = []
    folder = Path(host.state.settings.mail_folder or "")
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        found.append((message["To"], message["Subject"], body.get_content()))
    return found


def test_from_the_event_to_a_removed_text_whose_score_still_stands(host: Host) -> None:
    """The issue's first paragraph, from the mail to the regulator's answer."""
    event = {
        "policy_no": "PA2026000042",
        "product": "anxin-medical",
        "stage": "claim",
        "occurrence": "1",
        "occurred_on": "2026-02-20",
        "holder": {"name": "欧阳娜娜", "email": "ouyang@example.cn"},
    }
    headers = {"Authorization": "Bearer shop"}
    host.client().post(f"{PREFIX}/api/v1/policy-events", json=event, headers=headers)
    assert host.deliver() == 1
    [(to, _, text)] = mails(host)
    assert to == "ouyang@example.cn"
    [link] = re.findall(rf"{ADDRESS}{PREFIX}/i/\S+", text)

    # She reads who asks, about what, where it will stand and under which name.
    holder = Browser(host.client())
    form = holder.open(link)
    for told in (
        "安心保险",
        "百万医疗险",
        "2026年2月20日",
        "欧阳**",
        f"{PREFIX}/products/anxin-medical",
    ):
        assert told in form.text + form.html
    assert "欧阳娜娜" not in form.html

    # She writes, looks, corrects, publishes.
    preview = form.submit(_button="preview", score="1", text=TEXT, aspect_speed="2", consent="y")
    assert (preview.status, preview.path) == (200, form.path)
    assert "现在还没有公开" in preview.text
    assert "最后赔了八成" in preview.text
    again = preview.submit(_button="edit")
    assert again.form().values["text"] == [TEXT]
    assert again.form().values["score"] == ["1"]
    receipt = again.submit(_button="publish", text=TEXT.replace("八成", "七成"))
    key = key_on(receipt)
    assert len(key) == 64

    # It stands on the wall for every visitor, with its proof.
    visitor = Browser(host.client())
    wall = visitor.open(f"{PREFIX}/products/anxin-medical")
    assert "最后赔了七成" in wall.text
    assert "欧阳**" in wall.text
    review_id = receipt.path.split("/")[-2]
    page = visitor.open(f"{PREFIX}/r/{review_id}")
    assert page.response.get_data()
    proof = visitor.open(f"{PREFIX}/api/v1/reviews/{review_id}/receipt")
    assert proof.html.startswith("c2sp.org/tlog-proof@v1\nindex 2\n")
    shown = host.client().get(f"{PREFIX}/api/v1/reviews/{review_id}").get_json()
    assert shown["author"] == author_of(key)

    # The insurer answers, and amends it.
    service = Browser(host.client("service-anxin"))
    desk = service.open(f"{PREFIX}/desk/").follow(f"/reviews/{review_id}")
    desk = desk.submit("/reply", text="抱歉，已转理赔部。")
    desk = desk.submit("/reply", text="抱歉，差额已补。")
    page = visitor.open(f"{PREFIX}/r/{review_id}")
    assert "抱歉，差额已补。" in page.text
    assert "抱歉，已转理赔部。" in page.text
    assert not [form for form in desk.forms if form.action.endswith(("report", "removal"))]

    # Compliance tries to remove the text: there is no way but the report first.
    boss = Browser(host.client("compliance-anxin"))
    desk = boss.open(f"{PREFIX}/desk/reviews/{review_id}")
    assert not [form for form in desk.forms if form.action.endswith("removal")]
    token = desk.form("/report").values["csrf_token"]
    refused = boss.post(
        f"{desk.path}/removal", {"csrf_token": token, "report": "rp_x", "confirm": "y"}
    )
    assert refused.status == 422
    assert "最后赔了七成" in visitor.open(f"{PREFIX}/r/{review_id}").text

    package = boss.open(f"{desk.path}/package")
    assert package.response.get_json()["review"]["id"] == review_id
    filed = {"authority": "上海监管局", "report_no": "函〔2026〕7号", "filed_on": "2026-03-02"}
    desk = desk.submit(
        "/report", ground="personal_data", reasons=f"出现“{NAME}”", items=shown["item"], **filed
    )
    assert "函〔2026〕7号" in desk.text

    # First only the passage, by pasting it; then, on another report, the whole.
    [report] = desk.form("/removal").choices["report"]
    desk = desk.submit("/removal", report=report, extent="passages", passages=NAME, confirm="y")
    page = visitor.open(f"{PREFIX}/r/{review_id}")
    assert NAME not in page.html
    assert "███" in page.text
    assert "函〔2026〕7号" in page.text
    item = host.client().get(f"{PREFIX}/api/v1/reviews/{review_id}").get_json()["item"]
    desk = desk.submit(
        "/report",
        ground="court_order",
        reasons="判决书",
        items=item,
        **{**filed, "report_no": "函〔2026〕8号"},
    )
    report = next(r for r in desk.form("/removal").choices["report"] if r != report)
    desk.submit("/removal", report=report, extent="whole", confirm="y")
    page = visitor.open(f"{PREFIX}/r/{review_id}")
    assert "最后赔了" not in page.html
    assert "欧阳" not in page.html
    assert "函〔2026〕8号" in page.text

    # The regulator answers, in public.
    officer = Browser(host.client("regulator"))
    listed = officer.open(f"{PREFIX}/regulator/")
    answer = listed.follow(report).submit(verdict="disputed", note="未附判决书")
    assert answer.status == 200
    page = visitor.open(f"{PREFIX}/r/{review_id}")
    assert "监管机构提出异议" in page.text, answer.text + page.text

    # The score still stands, and the author was told.
    summary = host.client().get(f"{PREFIX}/api/v1/products/anxin-medical/summary").get_json()
    assert (summary["average"], summary["count"], summary["removals"]) == (1.0, 1, 2)
    host.deliver()
    assert [to for to, _, _ in mails(host)] == ["ouyang@example.cn"] * 4


# --- the invitation -----------------------------------------------------------------------------


def test_reading_the_invitation_changes_nothing(host: Host, form: Page) -> None:
    """Mail scanners follow links, some of them twice, some by HEAD."""
    before = host.world.snapshot()
    client = host.client()
    for _ in range(2):
        assert client.get(form.path).status_code == 200
        assert client.head(form.path).status_code == 200
    assert host.world.snapshot() == before
    # Each reader gets a key of their own.
    keys = {Browser(host.client()).open(form.path).form().values["author_key"][0] for _ in "12"}
    assert len(keys) == 2


def test_pages_that_a_token_opens_are_kept_nowhere(host: Host, form: Page) -> None:
    """No cache, no search engine; the next page of ours learns the site and no path."""
    receipt = published(form)
    for page in (form, receipt, receipt.browser.open(form.path)):
        headers = page.response.headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "strict-origin"
        assert '<meta name="robots" content="noindex">' in page.html
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    token = form.path.rsplit("/", 1)[-1]
    assert token not in receipt.html + receipt.path


def test_an_unknown_link(host: Host, browser: Browser, form: Page) -> None:
    """Cut, altered or foreign: the same page, which says how to get the link again."""
    pages = [
        browser.open(form.path[:-1]),
        browser.open(form.path + "x"),
        browser.open(f"{PREFIX}/i/x"),
    ]
    assert {(page.status, page.text) for page in pages} == {(404, pages[0].text)}
    assert any(link.endswith("/link") for link in pages[0].links)
    before = host.world.snapshot()
    posted = browser.post(f"{PREFIX}/i/x", {"score": "5", "consent": "y"})
    assert posted.status == 404
    assert host.world.snapshot() == before


def test_an_expired_link(host: Host, browser: Browser, form: Page) -> None:
    """It says when, and leads to the wall; a form that was open too long cannot be sent."""
    host.world.pass_time(days=90)
    before = host.world.snapshot()
    late = form.submit(score="5", consent="y")
    preview = form.submit(_button="preview", score="5", consent="y")
    again = browser.open(form.path)
    assert [page.status for page in (late, preview, again)] == [410, 410, 410]
    assert "2026年5月31日" in again.text
    assert any(link.endswith("/products/anxin-medical") for link in again.links)
    assert host.world.snapshot() == before


# --- sending ------------------------------------------------------------------------------------


def test_the_author_key_is_shown_once(host: Host, form: Page) -> None:
    """On the receipt page, whose address holds no secret; a reload has forgotten it."""
    receipt = published(form, text=TEXT)
    key = key_on(receipt)
    assert key == form.form().values["author_key"][0]
    again = receipt.browser.open(receipt.path)
    assert key_on(again) == ""
    assert key not in again.html
    assert (
        "只显示一次" in again.text or "不在这里保存" in again.text or "data-key-gone" in again.html
    )
    assert key_on(Browser(host.client()).open(receipt.path)) == ""
    everywhere = str(host.world.snapshot())
    assert key not in everywhere
    assert author_of(key) in everywhere


def test_a_key_of_another_review_is_not_shown(host: Host, form: Page) -> None:
    """A cookie that somebody else set must not pass for the author's key."""
    receipt = published(form)
    for value in ("5e" * 32, "x", "<b>", "0" * 64):
        client = host.client()
        client.set_cookie("insurance_reviews_author_key", value, path=receipt.path)
        page = Browser(client).open(receipt.path)
        assert key_on(page) == ""
        assert value not in page.html or value == "x"


def test_a_double_click_leads_to_the_same_receipt(host: Host, form: Page) -> None:
    first = published(form, text=TEXT)
    second = form.submit(score="2", text=TEXT, consent="y")
    assert (second.status, second.path) == (200, first.path)
    assert key_on(second) == key_on(first)
    summary = host.client().get(f"{PREFIX}/api/v1/products/anxin-medical/summary").get_json()
    assert summary["count"] == 1


def test_back_and_again_is_told_that_it_is_there(host: Host, browser: Browser, form: Page) -> None:
    """The link opened again, or another form of it sent: the review is there, nothing changes."""
    other = Browser(host.client()).open(form.path)
    receipt = published(form)
    before = host.world.snapshot()
    opened = browser.open(form.path)
    sent = other.submit(score="5", consent="y")
    assert [opened.status, sent.status] == [200, 409]
    review = receipt.path.removesuffix("/receipt")
    for page in (opened, sent):
        assert review in page.links
        assert not page.forms
    assert host.world.snapshot() == before


def test_personal_data_is_shown_before_it_is_public(host: Host, form: Page) -> None:
    """The passages are marked; the writer takes them out, or says that they may stand."""
    before = host.world.snapshot()
    text = "请打13800138000\n或写信到a.b@example.cn"
    warned = form.submit(score="3", text=text, consent="y")
    assert warned.status == 422
    assert re.findall('<mark class="ir-mark">(.*?)</mark>', warned.html) == [
        "13800138000",
        "a.b@example.cn",
    ]
    assert warned.form().values["text"] == [text]
    assert "confirm_personal_data" not in warned.form().values
    again = warned.submit(_button="preview")
    assert again.status == 422
    assert host.world.snapshot() == before
    preview = again.submit(_button="preview", confirm_personal_data="y")
    assert preview.status == 200
    receipt = preview.submit(_button="publish")
    assert receipt.path.endswith("/receipt")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"score": None}, ["请点选一到五颗星"]),
        ({"score": "6"}, ["请从选项中选择"]),
        ({"score": "٣"}, ["请从选项中选择"]),
        ({"consent": None}, ["同意"]),
        ({"text": "字" * 5_001}, ["最多 5,000", "5001"]),
        ({"text": "控\x07制"}, ["U+0007"]),
        ({"text": "\x00"}, ["U+0000"]),
        ({"text": "e" + "\u0301" * 20}, ["组合符号"]),
        ({"aspect_speed": "9"}, ["请从选项中选择"]),
        ({"display_name": "boss"}, ["请从选项中选择"]),
        ({"author_key": "x"}, []),
        ({"author": "x"}, []),
    ],
    ids=str,
)
def test_a_bad_form_keeps_what_was_written(
    lasting_host: Host, values: dict[str, str | None], told: list[str]
) -> None:
    """The errors stand at the top and lead to their fields; nothing is stored."""
    form = invited(lasting_host, Browser(lasting_host.client()))
    before = lasting_host.world.snapshot()
    good: dict[str, Any] = {"score": "4", "text": "写了很久的一段话", "consent": "y"}
    page = form.submit(**{**good, **values})
    assert page.status == 422
    assert "data-errors" in page.html
    for part in told:
        assert part.replace(",", "") in page.text.replace(",", ""), page.text
    if "text" not in values:
        assert page.form().values["text"] == ["写了很久的一段话"]
    assert lasting_host.world.snapshot() == before


def test_in_english(host: Host) -> None:
    """The reader's language, by the browser's wish or by the link at the top of the page."""
    page = invited(host, Browser(host.client(), lang="en-GB,en;q=0.8"))
    assert '<html lang="en">' in page.html
    assert "How did your claim go?" in page.text
    chinese = page.follow("lang=zh-CN")
    assert '<html lang="zh-CN">' in chinese.html


# --- the author ---------------------------------------------------------------------------------


def test_follow_up_and_withdrawal_by_key(host: Host, form: Page) -> None:
    """A wrong key does nothing; the right one adds words, and takes all of them back."""
    receipt = published(form, text=TEXT, score="2")
    key, review = key_on(receipt), receipt.path.removesuffix("/receipt")
    visitor = Browser(host.client())
    author = visitor.open(f"{review}/author")
    before = host.world.snapshot()
    for wrong, status in (("5e" * 32, 403), ("x", 422), ("", 422)):
        page = author.submit("/follow-up", text="追评", author_key=wrong)
        assert page.status == status
        assert page.form("/follow-up").values["text"] == ["追评"]
        page = author.submit("/withdrawal", author_key=wrong, confirm="y")
        assert page.status == status
    assert author.submit("/follow-up", text=" ", author_key=key).status == 422
    assert author.submit("/follow-up", text="字" * 5_001, author_key=key).status == 422
    assert author.submit("/withdrawal", author_key=key).status == 422
    warned = author.submit("/follow-up", text="电话13800138000", author_key=key)
    assert warned.status == 422
    assert '<mark class="ir-mark">13800138000</mark>' in warned.html
    assert host.world.snapshot() == before

    page = warned.submit("/follow-up", text="三周后到账。", author_key=f" {key} ")
    assert (page.status, page.path) == (200, review)
    assert "三周后到账。" in page.text
    page = visitor.open(f"{review}/author").submit("/withdrawal", author_key=key, confirm="y")
    assert (page.status, page.path) == (200, review)
    assert "三周后到账。" not in page.html
    assert "最后赔了" not in page.html
    assert "作者" in page.text
    closed = visitor.open(f"{review}/author")
    assert not closed.forms
    late = author.submit("/follow-up", text="还有", author_key=key)
    assert late.status == 409
    again = author.submit("/withdrawal", author_key=key, confirm="y")
    assert again.status == 409
    summary = host.client().get(f"{PREFIX}/api/v1/products/anxin-medical/summary").get_json()
    assert (summary["count"], summary["average"], summary["removals"]) == (1, 2.0, 0)


def test_an_authors_page_of_nothing(host: Host, browser: Browser) -> None:
    for path in ("/r/rv_x/author", "/r/rv_x/receipt", "/r/rv_x"):
        assert browser.open(PREFIX + path).status == 404
    data = {"text": "x", "author_key": "5e" * 32, "confirm": "y"}
    for path in ("/r/rv_x/author/follow-up", "/r/rv_x/author/withdrawal"):
        assert browser.post(PREFIX + path, data).status == 404
        assert browser.post(PREFIX + path, {}).status == 404


# --- "send me my link again" --------------------------------------------------------------------


def test_a_link_is_sent_again_to_its_holder_only(host: Host, browser: Browser) -> None:
    """Known policy or not, right address or not: one answer; a mail only for both."""
    from insurance_reviews.plugin.services.policy_events import Holder

    world = host.world
    holder = Holder(name="王小明", email="Wang@example.cn")
    world.invite(policy_no="PA-100", holder=holder)
    world.invite(policy_no="PA-100", occurrence="2", holder=holder)
    world.submit(world.invite(policy_no="PA-100", occurrence="3", holder=holder))
    world.invite(
        policy_no="PA-100", product="boshan-motor", holder=Holder(email="other@example.cn")
    )
    world.invite(policy_no="PA-200")
    host.deliver()
    sent = len(mails(host))

    asked = [
        ("pa 100", "wang@EXAMPLE.cn"),
        ("PA-100", "somebody@example.cn"),
        ("PA-200", "wang@example.cn"),
        ("PA-999", "wang@example.cn"),
        ("'; --", "x@y"),
    ]
    client = host.client()
    answers = [
        client.post(f"{PREFIX}/link", data={"policy_no": number, "email": address})
        for number, address in asked
    ]
    told = {
        (answer.status_code, answer.get_data(), tuple(sorted(answer.headers.items())))
        for answer in answers
    }
    assert len(told) == 1
    page = browser.open(answers[0].headers["Location"])
    assert page.status == 200
    assert "PA" not in page.text
    host.deliver()
    # Two invitations of that policy are open; the third was used.
    assert [to for to, _, _ in mails(host)[sent:]] == ["Wang@example.cn"] * 2
    # What was asked is purged once it is answered.
    assert not [
        row for row in world.snapshot()["insurance_reviews_outbox"] if "example" in str(row)
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"policy_no": ""},
        {"policy_no": " "},
        {"policy_no": "P" * 65},
        {"email": ""},
        {"email": "nowhere"},
        {"email": "a" * 255 + "@b"},
    ],
    ids=str,
)
def test_a_link_form_that_says_nothing(lasting_host: Host, values: dict[str, str]) -> None:
    before = lasting_host.world.snapshot()
    page = Browser(lasting_host.client()).open(f"{PREFIX}/link")
    answer = page.submit(**{"policy_no": "PA-100", "email": "a@b.example", **values})
    assert answer.status == 422
    assert "data-errors" in answer.html
    assert lasting_host.world.snapshot() == before
