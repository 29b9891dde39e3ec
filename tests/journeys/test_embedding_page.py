"""``docs/embedding.md`` does what it says: a shop in Flask, and a service beside another one, from
nothing to a wall with a review."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo

from insurance_reviews.plugin.cli import reviews_cli
from insurance_reviews.plugin.current import get_state
from support import standalone
from support.checkout import ROOT

PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
#: What must run for good.
LASTING = {"serve", "deliver"}
EVENT = {
    "policy_no": "P1",
    "product": "medical-1",
    "stage": "claim",
    "occurrence": "1",
    "occurred_on": "2026-01-20",
    "holder": {"name": "王小明", "email": "holder@example.com"},
}


def section(title: str) -> str:
    """What stands under a heading."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def settings(empty_database_url: str, tmp_path: Path) -> dict[str, str]:
    """What a reader fills in where the page has an example or dots."""
    return {
        "DATABASE_URL": empty_database_url,
        "STATE_DIR": str(tmp_path / "state"),
        "POLICY_KEY": "a1" * 32,
        "INVITATION_KEY": "b2" * 32,
    }


def test_a_flask_shop(settings: dict[str, str], tmp_path: Path) -> None:
    mails = tmp_path / "mail"
    flask_section = section("In a Flask shop")
    [mounting, identity] = blocks("python", flask_section)
    for name, value in settings.items():
        mounting, times = re.subn(rf'({name}=)"[^"]*"', rf'\1"{value}"', mounting)
        assert times == 1
    module: dict[str, Any] = {"__name__": __name__}
    # What the page leaves to the reader: which server sends the mails.
    config = f'app.config["INSURANCE_REVIEWS_MAIL_FOLDER"] = {str(mails)!r}'
    exec(mounting.replace("InsuranceReviews()", f"{config}\nInsuranceReviews()"), module)
    app: Flask = module["app"]
    command_blocks = blocks("console", flask_section)
    commands = [line for block in command_blocks for line in block.splitlines() if "flask" in line]
    done: dict[str, str] = {}
    for command in commands:
        dollar, flask, reviews, *arguments = shlex.split(command)
        assert (dollar, flask, reviews) == ("$", "flask", "reviews")
        if arguments == ["deliver", "--forever"]:
            arguments = ["deliver"]
            invite(app, done["token"])
        result = CliRunner().invoke(
            reviews_cli, arguments, obj=ScriptInfo(create_app=lambda: app), catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        done[arguments[0]] = result.output.strip()
    assert "deliver" in done
    assert len(list(mails.glob("*.eml"))) == 1
    calls = re.findall(r"\{\{ insurance_reviews\.\w+\(.*?\) \}\}", flask_section)
    assert len(calls) == 2
    with app.test_request_context("/", base_url="https://shop.example"):
        for call in calls:
            assert 'class="insurance-reviews' in app.jinja_env.from_string(call).render()

    signed_in = Flask("another")
    signed_in.config.update(app.config)
    exec(identity, {"app": signed_in, "current_user": lambda: SomebodyAtTheDesk})
    desk = signed_in.test_client().get("/reviews/desk/", base_url="https://shop.example")
    assert desk.status_code == 200
    for made in (app, signed_in):
        get_state(made).work.engine.dispose()


class SomebodyAtTheDesk:
    """What the shop knows of who is signed in."""

    id = "1"
    name = "客服"


def invite(app: Flask, token: str) -> None:
    answer = app.test_client().post(
        "/reviews/api/v1/policy-events",
        json=EVENT,
        headers={"Authorization": f"Bearer {token}"},
        base_url="https://shop.example",
    )
    assert answer.status_code == 201


def test_a_service_beside_another_shop(settings: dict[str, str]) -> None:
    """Its commands one after the other; those that run for good are only started."""
    [block] = blocks("sh", section("Without Flask"))
    environment = dict(re.findall(r'^export (\w+)="(.*)"$', block, re.MULTILINE))
    filled = {f"INSURANCE_REVIEWS_{name}": value for name, value in settings.items()}
    assert filled.keys() < environment.keys()
    environment |= filled
    commands = [shlex.split(line) for line in block.splitlines() if line.startswith("insurance-")]
    for _, *arguments in commands:
        if arguments[0] not in LASTING:
            done = standalone.run(environment, *arguments)
            assert (done.returncode, done.stderr) == (0, "")
    assert {arguments[1] for arguments in commands[-2:]} == LASTING
    with (
        standalone.served(environment) as address,
        standalone.running(environment, *commands[-1][1:]),
    ):
        wall = urlopen(f"{address}/reviews/embed/wall?product=medical-1").read()
        assert "安心百万医疗险" in wall.decode()
