"""What policyholders do over the API: read their invitation, review, follow up, withdraw."""

from __future__ import annotations

import re
from typing import Any

import pytest

from insurance_reviews.moderation.commitment import author_of, commit
from support.api import Api, faults, ok, refused
from support.host import ADDRESS
from support.world import TEXT

KEY = "5e" * 32
PHONE = "13800138000"


def committed(salt: str, body: str) -> str:
    """The commitment as anybody can compute it from what the API shows."""
    return commit(bytes.fromhex(salt), body)


def test_an_invitation_says_what_it_is_about(api: Api) -> None:
    """ISO 20488: who asks, about which product, stage and date; and nothing about the holder."""
    token = api.host.world.invite()
    answer = api.get(f"/invitations/{token}")
    assert ok(answer) == {
        "product": "anxin-medical",
        "product_name": "百万医疗险",
        "insurer": "anxin",
        "insurer_name": "安心保险",
        "stage": "claim",
        "occurred_on": "2026-02-20",
        "expires_at": "2026-05-31T09:30:00Z",
        "used": False,
        "aspects": [
            {"key": "speed", "label": "理赔速度"},
            {"key": "guidance", "label": "流程告知"},
            {"key": "outcome", "label": "赔付结果"},
            {"key": "attitude", "label": "服务态度"},
        ],
    }
    assert answer.headers["Cache-Control"] == "no-store"
    english = ok(api.get(f"/invitations/{token}", headers={"Accept-Language": "en"}))
    assert english["aspects"][0] == {"key": "speed", "label": "Speed of settlement"}
    api.submit(invitation=token)
    assert ok(api.get(f"/invitations/{token}"))["used"] is True


def test_a_review_is_public_counted_and_logged(api: Api) -> None:
    token = api.host.world.invite()
    answer = api.post(
        "/reviews",
        {
            "invitation": token,
            "score": 2,
            "aspects": {"speed": 1, "attitude": 4},
            "text": f"  {TEXT}\r\n第二行 ",
            "display_name": "欧阳娜娜",
        },
    )
    submitted = ok(answer, 201)
    review = submitted["id"]
    assert submitted == {
        "id": review,
        "url": f"{ADDRESS}/reviews/r/{review}",
        "receipt_url": f"{ADDRESS}/reviews/api/v1/reviews/{review}/receipt",
        "author_key": submitted["author_key"],
        "log": {"origin": "shop.example/reviews/log/anxin", "index": 2},
    }
    assert re.fullmatch("rv_[a-z2-7]{26}", review)
    assert answer.headers["Location"] == submitted["url"]
    assert answer.headers["Cache-Control"] == "no-store"
    shown = ok(api.get(f"/reviews/{review}"))
    text = f"{TEXT}\n第二行"
    assert shown == {
        "id": review,
        "product": "anxin-medical",
        "insurer": "anxin",
        "stage": "claim",
        "channel": "online",
        "score": 2,
        "aspects": {"attitude": 4, "speed": 1},
        "display_name": "欧阳**",
        "experienced_on": "2026-02",
        "submitted_at": "2026-03-02T09:00:00Z",
        "log": submitted["log"],
        "author": author_of(submitted["author_key"]),
        "item": shown["item"],
        "text": text,
        "salt": shown["salt"],
        "commitment": committed(shown["salt"], f'{{"name":"欧阳**","text":"{TEXT}\\n第二行"}}'),
        "tombstone": None,
        "at": "2026-03-02T09:00:00Z",
        "follow_ups": [],
        "reply": None,
    }
    summary = ok(api.get("/products/anxin-medical/summary"))
    assert (summary["count"], summary["average"]) == (1, 2.0)


def test_the_browsers_author_hash_is_taken_and_no_key_is_made(api: Api) -> None:
    submitted = api.submit(author=author_of(KEY))
    assert "author_key" not in submitted
    assert ok(api.get(f"/reviews/{submitted['id']}"))["author"] == author_of(KEY)
    ok(api.post(f"/reviews/{submitted['id']}/follow-ups", {"author_key": KEY, "text": "又来"}), 201)


def test_stars_alone_are_a_review(api: Api) -> None:
    nothing: list[dict[str, Any]] = [
        {},
        {"text": None},
        {"text": ""},
        {"text": " \n "},
        {"aspects": {}},
    ]
    for extra in nothing:
        review = ok(api.get(f"/reviews/{api.submit(**extra)['id']}"))
        words = ("item", "text", "salt", "commitment", "tombstone", "at")
        assert {review[name] for name in words} == {None}
        assert review["display_name"] == "保单持有人"


def test_an_invitation_is_good_once(api: Api) -> None:
    token = api.host.world.invite()
    review = api.submit(invitation=token)["id"]
    again = api.post("/reviews", {"invitation": token, "score": 5})
    assert refused(again, 409, "invitation-used")["review"] == f"{ADDRESS}/reviews/r/{review}"
    assert ok(api.get("/products/anxin-medical/summary"))["count"] == 1


def test_an_invitation_expires(api: Api) -> None:
    world = api.host.world
    token = world.invite()
    world.pass_time(days=90, seconds=-1)
    used = world.invite(occurrence="2")
    api.submit(invitation=used)
    world.pass_time(seconds=1)
    late = api.post("/reviews", {"invitation": token, "score": 1})
    assert refused(late, 410, "invitation-expired")["expired_at"] == "2026-05-31T09:30:00Z"
    # One that was used says so for ever.
    world.pass_time(days=90)
    refused(api.post("/reviews", {"invitation": used, "score": 1}), 409, "invitation-used")
    assert ok(api.get(f"/invitations/{token}"))["used"] is False


def test_unknown_and_foreign_invitations_answer_alike(api: Api) -> None:
    """Cut, altered, made with another key, respelled, or no token at all: one and the same."""
    token = api.host.world.invite()
    foreign = "aXZfeXdjd2UzbGtpeTNwaW40Z3J4eG82djdpeTTQNqdNDeFBq4UyMlppdKJZ1IZFHHll7joSpNzt61bPxw"
    spare = token[:-1] + chr(ord(token[-1]) ^ 1)
    bad = [foreign, token[:-1], token + "A", spare, token[::-1], "x", "%20", token.upper()]
    told = {
        (answer.status_code, answer.get_data())
        for each in bad
        for answer in (api.get(f"/invitations/{each}"),)
    }
    assert len(told) == 1
    told = {
        (answer.status_code, answer.get_data())
        for each in [*bad, ""]
        for answer in (api.post("/reviews", {"invitation": each, "score": 3}),)
    }
    assert len(told) == 1
    refused(api.post("/reviews", {"invitation": "x", "score": 3}), 404, "invitation-unknown")


def test_personal_data_is_shown_to_the_writer_first(api: Api) -> None:
    """The spans count code points of the text as it would be stored."""
    token = api.host.world.invite()
    body = {"invitation": token, "score": 3, "text": f" 😀请打{PHONE}\r\n，谢谢"}
    before = api.host.world.snapshot()
    problem = refused(api.post("/reviews", body), 422, "personal-data")
    text = f"😀请打{PHONE}\n，谢谢"
    assert problem["text"] == text
    assert [text[span["start"] : span["end"]] for span in problem["spans"]] == [PHONE]
    assert [span["kind"] for span in problem["spans"]] == ["mobile"]
    assert api.host.world.snapshot() == before
    refused(api.post("/reviews", {**body, "confirm_personal_data": False}), 422, "personal-data")
    ok(api.post("/reviews", {**body, "confirm_personal_data": True}), 201)


def test_the_policys_own_number_is_personal_data(api: Api) -> None:
    event = api.event(policy_no="pa-2026 0042")
    token = ok(api.post("/policy-events", event, token="shop"), 201)["invitation"]["token"]
    body = {"invitation": token, "score": 3, "text": "保单ＰＡ２０２６００４２已退保"}
    problem = refused(api.post("/reviews", body), 422, "personal-data")
    assert [span["kind"] for span in problem["spans"]] == ["policy_no"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"score": 0}, {"score": "score"}),
        ({"score": 6}, {"score": "score"}),
        ({"score": "5"}, {"score": "type"}),
        ({"score": 4.5}, {"score": "type"}),
        ({"score": True}, {"score": "type"}),
        ({"score": None}, {"score": "type"}),
        ({"score": 10**400}, {"score": "score"}),
        ({"aspects": {"speed": 6}}, {"aspects.speed": "score"}),
        ({"aspects": {"clarity": 3}}, {"aspects.clarity": "choice"}),
        ({"aspects": {"speed": "3"}}, {"aspects.speed": "type"}),
        ({"aspects": [3]}, {"aspects": "type"}),
        ({"aspects": {f"a{n}": 1 for n in range(33)}}, {"aspects": "too-many"}),
        ({"text": "字" * 5_001}, {"text": "too-long"}),
        ({"text": 5}, {"text": "type"}),
        ({"text": "控\x07制"}, {"text": "character"}),
        ({"display_name": "x" * 65}, {"display_name": "too-long"}),
        ({"display_name": "x" * 201}, {"display_name": "too-long"}),
        ({"display_name": "两\n行"}, {"display_name": "one-line"}),
        ({"author": "5E" * 32}, {"author": "hex-32"}),
        ({"author": "5e" * 31}, {"author": "hex-32"}),
        ({"confirm_personal_data": "yes"}, {"confirm_personal_data": "type"}),
        ({"invitation": 5}, {"invitation": "type"}),
        ({"invitation": "x" * 201}, {"invitation": "too-long"}),
        ({"sore": 5}, {"sore": "unknown-field"}),
        ({"score": 9, "text": "\x00", "x": 1}, {"text": "character"}),
        ({"score": 9, "text": 7, "x": 1}, {"score": "score", "text": "type", "x": "unknown-field"}),
    ],
    ids=str,
)
def test_a_bad_review_names_its_fields(
    lasting_api: Api, given: dict[str, object], expected: dict[str, str]
) -> None:
    """All at once, and nothing is written."""
    body = {"invitation": lasting_api.host.world.invite(), "score": 4, **given}
    before = lasting_api.host.world.snapshot()
    assert faults(lasting_api.post("/reviews", body)) == expected
    assert lasting_api.host.world.snapshot() == before


def test_a_follow_up_needs_the_author(api: Api) -> None:
    submitted = api.submit(text=TEXT, display_name="王小明")
    path = f"/reviews/{submitted['id']}/follow-ups"
    key = submitted["author_key"]
    answer = ok(api.post(path, {"author_key": key, "text": "到账了。"}), 201)
    assert answer == {
        "review": submitted["id"],
        "log": {"origin": "shop.example/reviews/log/anxin", "index": 3},
    }
    [follow_up] = ok(api.get(f"/reviews/{submitted['id']}"))["follow_ups"]
    assert follow_up == {
        "display_name": "王**",
        "item": follow_up["item"],
        "text": "到账了。",
        "salt": follow_up["salt"],
        "commitment": committed(follow_up["salt"], '{"name":"王**","text":"到账了。"}'),
        "tombstone": None,
        "log": answer["log"],
        "at": "2026-03-02T09:00:00Z",
    }
    for wrong in (KEY, key.upper(), key[:-1], "", "不"):
        body = {"author_key": wrong, "text": "假的"}
        refused(api.post(path, body), 403, "author-key-mismatch")
    assert faults(api.post(path, {"author_key": key, "text": " "})) == {"text": "required"}
    assert faults(api.post(path, {"author_key": key, "text": "字" * 5_001})) == {"text": "too-long"}
    refused(api.post(path, {"author_key": key, "text": PHONE}), 422, "personal-data")
    confirmed = {"author_key": key, "text": PHONE, "confirm_personal_data": True}
    ok(api.post(path, confirmed), 201)
    refused(api.post("/reviews/rv_unknown/follow-ups", confirmed), 404, "not-found")


def test_an_author_withdraws_all_words_and_no_stars(api: Api) -> None:
    """The holder of the invitation cannot, nor can anybody else without the author's key."""
    submitted = api.submit(text=TEXT, display_name="王小明", score=1)
    review, key = submitted["id"], submitted["author_key"]
    ok(api.post(f"/reviews/{review}/follow-ups", {"author_key": key, "text": "还没完。"}), 201)
    path = f"/reviews/{review}/withdrawal"
    refused(api.post(path, {"author_key": KEY}), 403, "author-key-mismatch")
    answer = ok(api.post(path, {"author_key": key}), 201)
    origin = "shop.example/reviews/log/anxin"
    removed = [{"origin": origin, "index": index} for index in (4, 5)]
    assert answer == {"review": review, "removed": removed}
    shown = ok(api.get(f"/reviews/{review}"))
    assert (shown["score"], shown["display_name"]) == (1, "保单持有人")
    for text in (shown, *shown["follow_ups"]):
        assert (text["text"], text["salt"]) == (None, None)
        assert text["commitment"] is not None
        assert text["tombstone"] == {
            "removed_on": "2026-03-02",
            "ground": "withdrawn",
            "authority": None,
            "report_no": None,
            "acknowledged": None,
            "redacted": False,
        }
    assert ok(api.get("/products/anxin-medical/summary"))["count"] == 1
    refused(api.post(path, {"author_key": key}), 409, "text-removed")
    again = api.post(f"/reviews/{review}/follow-ups", {"author_key": key, "text": "又"})
    refused(again, 409, "withdrawn")
    refused(api.post("/reviews/rv_unknown/withdrawal", {"author_key": key}), 404, "not-found")


def test_stars_cannot_be_withdrawn(api: Api) -> None:
    submitted = api.submit()
    body = {"author_key": submitted["author_key"]}
    refused(api.post(f"/reviews/{submitted['id']}/withdrawal", body), 409, "no-text")
    # A follow-up gives them words, and those can go.
    ok(api.post(f"/reviews/{submitted['id']}/follow-ups", {**body, "text": "补一句"}), 201)
    ok(api.post(f"/reviews/{submitted['id']}/withdrawal", body), 201)
