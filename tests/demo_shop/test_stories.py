"""The demo shop's stories load, are many, differ from each other and name nobody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

import pytest

from insurance_reviews.demo_shop import catalogue
from insurance_reviews.demo_shop.stories import (
    MASK,
    OLDEST,
    Removal,
    Reply,
    Story,
    load,
    parse,
)
from insurance_reviews.plugin.personal_data import find_personal_data

DAYS = (date(2026, 1, 1), date(2028, 2, 29), date(2026, 7, 15), date(2027, 11, 30))
RUN = 12


def texts() -> Iterator[tuple[str, str]]:
    """Every published text with a name for it in a message of failure."""
    for story in load():
        yield story.key, story.text
        for number, reply in enumerate(story.replies):
            yield f"{story.key} reply {number}", reply.text
        for number, added in enumerate(story.follow_ups):
            yield f"{story.key} follow-up {number}", added.text


def without_names(text: str) -> list[str]:
    """The text cut where it names an insurer or a product: those may well be repeated."""
    shelves = catalogue.load()
    names = [name for one in shelves.insurers for name in (one.company, one.name)]
    names += [name for one in shelves.products for name in (one.name, one.english_name)]
    return re.split("|".join(map(re.escape, names)), text)


def story(**changes: object) -> Story:
    """A valid story with some fields replaced."""
    fields: dict[str, object] = {
        "key": "test",
        "product": "qingyan-auto",
        "stage": "claim",
        "score": 3,
        "ago": 100,
        "delay": 10,
        "text": "修车的人叫老米。",
    }
    return Story(**(fields | changes))  # type: ignore[arg-type]


def removal(**changes: object) -> Removal:
    """A valid removal of a review's text with some fields replaced."""
    fields: dict[str, object] = {
        "target": "review",
        "authority": "某监管局",
        "report_no": "某监报字第1号",
        "ground": "personal_data",
        "reasons": "文中有姓名。",
        "filed_after": 5,
        "removed_after": 1,
    }
    return Removal(**(fields | changes))  # type: ignore[arg-type]


def test_there_is_enough_to_read() -> None:
    """The wall needs many texts, and every kind of answer to them."""
    stories = load()
    assert len({one.text for one in stories}) >= 200
    assert sum(bool(one.replies) for one in stories) >= 80
    assert sum(len(one.replies) > 1 for one in stories) >= 10
    assert sum(bool(one.follow_ups) for one in stories) >= 30
    assert sum(one.withdrawn_after is not None for one in stories) == 2
    assert sum(one.holder is None for one in stories) >= 20


def test_every_shelf_has_stories_of_all_its_stages() -> None:
    """A visitor who filters by stage finds texts on each product's page."""
    found = Counter((one.product, one.stage) for one in load())
    for product in catalogue.load().products:
        for stage in product.stages:
            assert found[product.sku, stage] >= 8, (product.sku, stage)


def test_removals_show_every_case() -> None:
    """Whole and redacted, of all three kinds of text, on every ground, with every answer."""
    removals = [one for story in load() for one in story.removals]
    done = [one for one in removals if one.removed_after is not None]
    assert len(done) >= 6
    assert {one.target for one in done} == {"review", "follow_up", "reply"}
    assert {bool(one.masks) for one in done} == {True, False}
    assert {one.ground for one in removals} == {
        "personal_data",
        "unlawful_content",
        "defamation",
        "court_order",
        "other",
    }
    verdicts = {one.acknowledgement and one.acknowledgement.verdict for one in removals}
    assert verdicts == {"acknowledged", "disputed", None}
    assert len({(one.authority, one.report_no) for one in removals}) == len(removals)


def test_a_redaction_keeps_every_position() -> None:
    """Same length in code points, each the original or the mask: what the log will demand."""
    for one, text in ((r, s.target_text(r)) for s in load() for r in s.removals if r.masks):
        redacted = one.redact(text)
        assert MASK in redacted
        assert len(text) == len(redacted)
        assert all(new in (old, MASK) for old, new in zip(text, redacted, strict=True))


def test_no_two_texts_share_a_run_of_characters() -> None:
    """A template or a filled slot would leave the same run of characters in two texts."""
    seen: dict[str, str] = {}
    for name, text in texts():
        parts = without_names(text)
        for run in {part[i : i + RUN] for part in parts for i in range(len(part) - RUN + 1)}:
            assert run not in seen, f"{name} and {seen[run]} share {run!r}"
            seen[run] = name


@pytest.mark.parametrize("part", [slice(6), slice(-6, None)], ids=["openings", "endings"])
def test_openings_and_endings_differ(part: slice) -> None:
    """No six characters begin, or end, more than two texts."""
    counted = Counter(text[part] for _, text in texts())
    assert [six for six, times in counted.items() if times > 2] == []


def test_lengths_vary_as_on_a_real_wall() -> None:
    """Many remarks, a broad middle, a few long accounts."""
    lengths = sorted(len(one.text) for one in load())
    assert 4 <= lengths[0] <= 10
    assert sum(length <= 20 for length in lengths) >= 25
    assert 60 <= lengths[len(lengths) // 2] <= 150
    assert sum(200 <= length < 800 for length in lengths) >= 25
    assert sum(length >= 800 for length in lengths) >= 5
    assert sum(length >= 1500 for length in lengths) >= 3


def test_scores_are_mixed_and_claims_are_polarised() -> None:
    """No stage is praised by half its writers; after claims the ends outweigh the middle."""
    for stage in ("underwriting", "renewal", "claim"):
        counted = Counter(one.score for one in load() if one.stage == stage)
        assert set(counted) == {1, 2, 3, 4, 5}
        assert counted[5] < counted.total() / 2
        ends, middle = counted[1] + counted[5], counted[2] + counted[3] + counted[4]
        assert (ends > middle) == (stage == "claim")


def test_aspects_agree_with_the_score() -> None:
    """Sub-scores scatter around the score; their mean never contradicts it."""
    for one in load():
        if one.aspects:
            mean = sum(one.aspects.values()) / len(one.aspects)
            assert abs(mean - one.score) <= 2, one.key


def test_texts_name_no_brand_address_or_number() -> None:
    """Nothing that the form would warn of, and no real company of everyday life."""
    brands = "微信|支付宝|淘宝|京东|美团|饿了么|滴滴|抖音|携程|顺丰|百度|小红书|华为|特斯拉"
    for name, text in chain(texts(), ((s.key, r.reasons) for s in load() for r in s.removals)):
        assert not find_personal_data(text), name
        assert not re.search(brands, text), name


def test_names_are_many_and_used_once() -> None:
    """Compound surnames and Latin names among them, because masking treats them differently."""
    holders = [one.holder for one in load() if one.holder]
    assert len(set(holders)) == len(holders)
    assert len({holder[0] for holder in holders}) >= 100
    assert any(holder.startswith(("欧阳", "司马")) for holder in holders)
    assert any(holder.isascii() for holder in holders)


@pytest.mark.parametrize("today", DAYS)
def test_nothing_happens_in_the_future(today: date) -> None:
    """On whatever day the shop is opened, all that is told has already happened."""
    for one in load():
        day = one.occurred_on(today)
        assert timedelta(1) <= today - day <= timedelta(OLDEST), one.key
        assert not one.months or day.month in one.months, one.key
        afters = [reply.after for reply in one.replies]
        afters += [added.after for added in one.follow_ups]
        afters += [r.filed_after + (r.removed_after or 0) for r in one.removals]
        afters += [
            r.filed_after + r.acknowledgement.after for r in one.removals if r.acknowledgement
        ]
        assert one.written_on(today, max([0, *afters, one.withdrawn_after or 0])) <= today


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"score": 6}, "score is 6"),
        ({"product": "judeng-travel", "stage": "renewal"}, "has no stage renewal"),
        ({"aspects": {"clarity": 3}}, "claim has no aspect 'clarity'"),
        ({"aspects": {"speed": 0}}, "speed is 0"),
        ({"text": ""}, "length of text is 0"),
        ({"text": "好 "}, "without blanks at its ends"),
        ({"text": "好\u0007了"}, "control character"),
        ({"text": "e\u0301te"}, "must be NFC"),
        ({"holder": "王"}, "not a full name"),
        ({"ago": 701}, "ago is 701"),
        ({"ago": 400, "months": (7,)}, "ago is 400"),
        ({"months": (13,)}, "month is 13"),
        ({"delay": 61}, "delay is 61"),
        ({"replies": (Reply(91, "晚了。"),)}, "after is 91"),
        ({"replies": (Reply(5, "二"), Reply(4, "一"))}, "order of time"),
        ({"removals": (removal(masks=("老麦",)),)}, "nothing to mask: '老麦'"),
        ({"removals": (removal(target="reply"),)}, "position of the reply"),
        ({"removals": (removal(filed_after=90),)}, "days after the filing"),
    ],
)
def test_a_wrong_story_is_refused(changes: dict[str, object], message: str) -> None:
    """Every mistake an author can make is named together with the story."""
    with pytest.raises(ValueError, match=rf"story test: .*{re.escape(message)}"):
        story(**changes)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("stars = 3", "stars"),
        ('score = "3"', "valid integer"),
        ('stage = "refund"', "stage"),
        ("replies = [{ after = 1 }]", "text"),
    ],
)
def test_a_wrong_file_is_refused(line: str, message: str) -> None:
    """Unknown keys, wrong types and missing fields do not pass for defaults."""
    fields = {"key": '"a"', "stage": '"claim"', "score": "3", "ago": "9", "delay": "1"}
    name, _, value = line.partition(" = ")
    fields = fields | {"text": '"好"', name: value}
    source = "[[stories]]\n" + "\n".join(f"{key} = {value}" for key, value in fields.items())
    with pytest.raises(ValueError, match=message):
        parse("qingyan-auto", source)
