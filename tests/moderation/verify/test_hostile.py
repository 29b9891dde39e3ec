"""Whatever a shop or a log answers, the check ends with an outcome, and never with a wrong one."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from insurance_reviews.moderation import canonical
from insurance_reviews.moderation.verify.report import as_json, as_text
from support.static_log import StaticShop
from support.verifying import check_static, liar

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(["\ud800", "█", "it_" + "a" * 26, "2026-09-21T14:00:00Z", "0" * 64, [], {}]),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from(["log", "index", "text"]), st.integers(0, 3), max_size=2),
)
ADDRESSES = st.sampled_from(["reviews.jsonl", "/summary", "/reviews?", "/api/v1/products"])


def make_shop() -> StaticShop:
    shop = StaticShop()
    first = shop.review(text="报案后王经理说不赔。", speed=2)
    shop.reply(first["id"])
    shop.follow_up(first["id"])
    shop.remove(shop.report(first["item"]), first, "报案后███说不赔。")
    shop.review("p-2", "renewal", 5, None)
    shop.withdraw(shop.review(text="不该写的。"))
    return shop


SHOP = make_shop()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a JSON value something stands."""
    found = [path] if path else []
    if isinstance(value, dict):
        below: Any = value.items()
    else:
        below = enumerate(value) if isinstance(value, list) else ()
    for key, member in below:
        found += places(member, (*path, key))
    return found


def change(value: Any, data: st.DataObject) -> Any:
    """``value`` with something else at one place, or without it."""
    changed = copy.deepcopy(value)
    found = places(changed)
    *path, last = found[data.draw(st.integers(0, len(found) - 1))]
    parent = changed
    for key in path:
        parent = parent[key]
    if isinstance(parent, dict) and data.draw(st.booleans()):
        del parent[last]
    else:
        parent[last] = data.draw(VALUES)
    return changed


@settings(max_examples=150, deadline=None)
@given(ADDRESSES, st.data())
def test_any_json_that_is_shown_leads_to_an_outcome(address: str, data: st.DataObject) -> None:
    between = liar(SHOP).about_json(address, lambda value: change(value, data))
    outcome = check_static(SHOP, between)
    assert outcome.exit_code in (0, 1), outcome.findings.unchecked
    assert as_text(outcome).isprintable() or "\n" in as_text(outcome)
    json.dumps(as_json(outcome))


#: What is shown and follows from no entry.
FREE = {"topics", "total_is_exact", "name", "insurer_name"}


def follows_from_the_log(place: tuple[Any, ...]) -> bool:
    """The stages of a product in the list of products are its insurer's to choose."""
    return not FREE.intersection(place) and place[::2][:2] != ("items", "stages")


@settings(max_examples=100, deadline=None)
@given(ADDRESSES, st.data())
def test_nothing_that_follows_from_the_log_can_be_altered_unseen(
    address: str, data: st.DataObject
) -> None:
    altered: list[tuple[Any, ...]] = []

    def alter(value: Any) -> Any:
        found = [place for place in places(value) if follows_from_the_log(place)]
        if altered or not found:
            return value
        *path, last = found[data.draw(st.integers(0, len(found) - 1))]
        altered.append((*path, last))
        parent = value
        for key in path:
            parent = parent[key]
        parent[last] = "X" if parent[last] != "X" else "Y"
        return value

    outcome = check_static(SHOP, liar(SHOP).about_json(address, alter))
    assert outcome.exit_code == 1, altered


@settings(max_examples=50, deadline=None)
@given(ADDRESSES | st.sampled_from(["checkpoint", "tile", "/key"]), st.binary(max_size=40))
def test_any_bytes_that_are_answered_are_refused(address: str, body: bytes) -> None:
    outcome = check_static(SHOP, liar(SHOP).about(address, lambda _: body))
    if address == "reviews.jsonl" and not body:
        assert "review-hidden" in outcome.codes
    assert outcome.exit_code == 1


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SHOP.leaves) - 1), st.data())
def test_any_entry_that_is_signed_leads_to_an_outcome(index: int, data: st.DataObject) -> None:
    """The operator signs what he likes; the rest of the log and the shop stay as they were."""
    shop = copy.deepcopy(SHOP)
    value = change(json.loads(shop.leaves[index]), data)
    try:
        shop.leaves[index] = canonical.dumps(value)
    except canonical.NotCanonicalError:
        shop.leaves[index] = json.dumps(value).encode()[:65_535]
    outcome = check_static(shop)
    same = shop.leaves[index] == SHOP.leaves[index]
    assert outcome.exit_code == (0 if same else outcome.exit_code)
    assert outcome.exit_code in (0, 1)
