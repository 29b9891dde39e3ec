"""Submissions over HTTP from eight writers at once, to the stand-alone service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from clients import Answers, post, send_all
from measure import Progress, quantile
from places import ENGINES, PRODUCTS, Places, invite
from report import Figure
from serving import alone, settings_for_many
from submissions import TEXT

from support.world import World

WRITERS = 8
#: Milliseconds.
SLOWEST = 100
#: Each process loads the dictionary with its first text.
WARMING = 32


def measure(places: Places, *, quick: bool) -> Iterator[Figure]:
    """The rate and the slowest hundredth, on both engines."""
    number = 200 if quick else 2_000
    for engine, title in ENGINES.items():
        with places.world(engine) as world, alone(settings_for_many(world)) as port:
            with Progress(f"submissions over HTTP, {title}", 1):
                answers = submit_all(world, port, number)
            world.check()
        slowest = quantile(answers.seconds, 0.99) * 1e3
        yield Figure(
            f"p99 of submissions over HTTP, {WRITERS} writers, {title}",
            slowest,
            "ms",
            goal=f"≤ {SLOWEST} ms",
            passed=None if not answers.errors else False,
            note=f"{answers.rate:.0f}/s; p50 {quantile(answers.seconds, 0.5) * 1e3:.0f} ms; "
            f"{answers.errors} errors",
            number=5,
        )


def submit_all(world: World, port: int, number: int) -> Answers:
    """``number`` reviews, with everything that an acceptance means."""
    path = f"{world.settings.url_prefix}/api/v1/reviews"
    # The service lives by the clock, not by the world's.
    world.now = datetime.now(UTC)
    tokens = invite(world, list(PRODUCTS.values()), number + WARMING)
    requests = [post(path, in_json(invitation=token, score=4, text=TEXT)) for token in tokens]
    send_all(port, requests[:WARMING], clients=WRITERS)
    return send_all(port, requests[WARMING:], clients=WRITERS)


def in_json(**members: object) -> bytes:
    """The body of a request."""
    return json.dumps(members).encode()
