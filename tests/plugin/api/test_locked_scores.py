"""No call changes or deletes a review, whoever makes it and whatever it brings."""

from __future__ import annotations

import pytest

from support.answers import check_headers
from support.api import Api, refused
from support.host import API, TOKENS

BODIES: list[dict[str, object]] = [
    {},
    {"json": {"score": 5}},
    {"data": b"{", "content_type": "application/json"},
    {"data": b"score=5", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"--x", "content_type": "multipart/form-data; boundary=x"},
    {"data": b"\xff\xfe", "content_type": "text/plain"},
    {"data": b"x" * 200_000, "content_type": "application/octet-stream"},
]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_scores_are_locked(api: Api, method: str) -> None:
    review = api.submit(text="一段话", score=1)["id"]
    before = api.host.world.snapshot()
    for name in (review, "rv_nothing", "x", "%00", "%FF", review + "/"):
        for body in BODIES:
            answer = api.client.open(f"{API}/reviews/{name}", method=method, **body)  # type: ignore[arg-type]
            check_headers(answer)
            refused(answer, 403, "score-locked")
    for token in (*TOKENS, "nobody"):
        refused(api.call(method, f"/reviews/{review}", token=token), 403, "score-locked")
    for accept in ("text/html", "*/*", "image/png"):
        answer = api.call(method, f"/reviews/{review}", headers={"Accept": accept})
        refused(answer, 403, "score-locked")
    assert api.host.world.snapshot() == before
