"""The witness over HTTP."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from insurance_reviews.moderation.tlog.checkpoint import Checkpoint
from insurance_reviews.moderation.tlog.note import Signer, sign_note
from insurance_reviews.moderation.witness import state as state_module
from insurance_reviews.moderation.witness.app import WitnessApp
from insurance_reviews.moderation.witness.request import MAX_REQUEST, AddCheckpoint
from support.witnesses import Grown

from .conftest import Watched


@pytest.fixture
def client(watched: Watched) -> Client:
    return Client(WitnessApp(watched.witness, "/w"))


def post(client: Client, body: bytes, **given: Any) -> TestResponse:
    return client.post("/w/add-checkpoint", data=body, **given)


def test_a_cosignature_over_http(client: Client, watched: Watched) -> None:
    answer = post(client, watched.log.ask(0, 5))
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.startswith("\u2014 witness.example/w1 ")
    conflict = post(client, watched.log.ask(0, 6))
    assert (conflict.status_code, conflict.content_type, conflict.text) == (
        409,
        "text/x.tlog.size",
        "5\n",
    )


def test_a_long_body_is_not_read(client: Client, watched: Watched) -> None:
    long = watched.log.ask(0, 5) + b"x" * MAX_REQUEST
    assert post(client, long).status_code == 413
    # Of unannounced length: the server ends the stream.
    answer = post(
        client, long, environ_overrides={"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    )
    assert answer.status_code == 413
    assert watched.size == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_posts_are_taken(client: Client, method: str) -> None:
    answer = client.open("/w/add-checkpoint", method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/w", "/add-checkpoint", "/w/add-checkpoint/", "/w//"])
def test_nothing_else_is_there(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_it_says_whether_it_is_well(client: Client, watched: Watched) -> None:
    assert client.get("/w/healthz").text == "ok\n"
    (watched.directory / "witness.sqlite3").unlink()
    assert client.get("/w/healthz").status_code == 503


def test_the_page_shows_whom_it_vouches_for(client: Client, watched: Watched) -> None:
    watched.witness.state.follow("<script>.example/1", "x")
    post(client, watched.log.ask(0, 5))
    post(client, Grown(5, "rewritten").ask(5, 5))
    post(client, AddCheckpoint(5, (), watched.log.note(6)).format())
    page = client.get("/w/")
    assert watched.witness.vkey in page.text
    assert "2026-09-21T14:13:20Z" in page.text
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "A fork: two histories of 5 entries" in page.text
    assert "Not proven to continue: 6 entries" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert client.get("/w/style.css").mimetype == "text/css"
    watched.witness.state.leave(watched.log.checkpoint(0).origin)
    assert "no longer followed" in client.get("/w/").text


def test_a_full_disk_means_no_cosignature(
    client: Client, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And once there is room, all goes on."""
    post(client, watched.log.ask(0, 5))
    connect = state_module._connect

    @contextmanager
    def full(path: Path) -> Iterator[sqlite3.Connection]:
        with connect(path) as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
            yield connection

    # A checkpoint that is longer than any page has room for.
    six = watched.log.checkpoint(6)
    long = Checkpoint(six.origin, six.size, six.root, ("x" * 30_000,))
    note = sign_note(long.format(), Signer(six.origin, bytes(32)))
    body = AddCheckpoint(5, watched.log.proof(5, 6), note).format()
    with monkeypatch.context() as patched:
        patched.setattr(state_module, "_connect", full)
        answer = post(client, body)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "\u2014" not in answer.text
    assert watched.size == 5
    assert post(client, body).status_code == 200


def test_a_wrong_clock_means_no_cosignature(client: Client, watched: Watched) -> None:
    post(client, watched.log.ask(0, 5))
    watched.now -= 86_400
    assert post(client, watched.log.ask(5, 6)).status_code == 503
    assert watched.size == 5
