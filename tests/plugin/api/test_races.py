"""Many at the same time, over real HTTP: one of them counts, and the others are told so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier
from time import sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from support.api import Api
from support.host import ADDRESS, API

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Serve = Callable[["WSGIApplication"], str]


def at_once(address: str, path: str, bodies: list[object], token: str = "") -> list[Any]:
    """(status, JSON) of each body, all posted at the same moment on connections of their own."""
    start = Barrier(len(bodies))

    def post(body: object) -> tuple[int, Any]:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        connection.connect()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        start.wait()
        while True:
            connection.request("POST", API + path, json.dumps(body), headers)
            with connection.getresponse() as response:
                answer = response.status, json.loads(response.read())
            # A slow disk may keep the queue waiting. Who is asked to come again does so.
            if response.status != 503:
                connection.close()
                return answer
            sleep(int(response.headers["Retry-After"]))

    with ThreadPoolExecutor(len(bodies)) as threads:
        return list(threads.map(post, bodies))


def test_fifty_uses_of_one_invitation_make_one_review(api: Api, live_server: Serve) -> None:
    token = api.host.world.invite()
    bodies: list[object] = [
        {"invitation": token, "score": 1 + number % 5, "text": f"第{number}次"}
        for number in range(50)
    ]
    answers = at_once(live_server(api.host.app), "/reviews", bodies)
    assert Counter(status for status, _ in answers) == {201: 1, 409: 49}
    [review] = [body["id"] for status, body in answers if status == 201]
    told = {(body["code"], body["review"]) for status, body in answers if status == 409}
    assert told == {("invitation-used", f"{ADDRESS}/reviews/r/{review}")}
    assert api.get("/products/anxin-medical/summary").get_json()["count"] == 1


def test_the_same_event_twenty_times_brings_one_invitation(api: Api, live_server: Serve) -> None:
    bodies: list[object] = [api.event()] * 20
    answers = at_once(live_server(api.host.app), "/policy-events", bodies, "shop")
    assert Counter(status for status, _ in answers) == {201: 1, 200: 19}
    assert len({json.dumps(body) for _, body in answers}) == 1
    assert api.get("/products/anxin-medical/summary").get_json()["stages"]["claim"]["eligible"] == 1


def test_replies_at_once_are_versions_one_after_the_other(api: Api, live_server: Serve) -> None:
    review = api.submit(text="一段话")["id"]
    bodies: list[object] = [{"text": f"回复 {number}"} for number in range(10)]
    path = f"/reviews/{review}/replies"
    answers = at_once(live_server(api.host.app), path, bodies, "insurer-anxin")
    assert Counter(status for status, _ in answers) == {201: 10}
    assert sorted(body["version"] for _, body in answers) == list(range(1, 11))


def test_one_of_many_removals_is_the_removal(api: Api, live_server: Serve) -> None:
    review = api.submit(text="刘经理不回电话。")["id"]
    boss = "compliance-anxin"
    report = api.post(f"/reviews/{review}/regulator-reports", api.report(), token=boss).get_json()
    bodies: list[object] = [{"report": report["id"]}] * 10
    answers = at_once(live_server(api.host.app), f"/reviews/{review}/removals", bodies, boss)
    assert Counter(status for status, _ in answers) == {201: 1, 409: 9}
    assert {body["code"] for status, body in answers if status == 409} == {"text-removed"}
    assert api.get("/products/anxin-medical/summary").get_json()["removals"] == 1
