"""A bad setting is refused when the extension is mounted, by its full name and with a remedy."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from insurance_reviews.moderation.tlog.cosignature import CosignatureVerifier, Cosigner
from insurance_reviews.moderation.tlog.note import Signer
from insurance_reviews.plugin.settings import (
    PREFIX,
    SettingError,
    Settings,
    WitnessSetting,
    read_settings,
)

W1 = Cosigner("w.example/1", bytes(32)).verifier_key()
W2 = Cosigner("v.example", bytes(32)).verifier_key()
LOG_KEY = Signer("w.example/1", bytes(32)).verifier_key()

GOOD: dict[str, Any] = {
    "DATABASE_URL": "sqlite:////srv/reviews/reviews.db",
    "PUBLIC_URL": "https://shop.example",
    "STATE_DIR": "/srv/reviews/state",
    "POLICY_KEY": "0a" * 32,
    "INVITATION_KEY": "1b" * 32,
}

_PATHS = ["state", "./state", "~/state", __file__]
_LINES = ["a\nb", "a\x00b", " \t"]
_KEYS = ["0a" * 31, "0a" * 32 + "f", "0A" * 32, "zz" * 32, "0a" * 32 + "\n", 7, b"0a" * 32]

#: Setting → values that it cannot have. A setting without an entry here fails the first test.
BAD: dict[str, list[Any]] = {
    "database_url": [
        "reviews.db",
        "mysql://shop",
        "postgresql+psycopg2://shop",
        "postgresql+asyncpg://shop",
        "sqlite+aiosqlite:////srv/x.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?uri=true",
        "sqlite:///file:x?mode=memory&uri=true",
        7,
    ],
    "public_url": [
        "shop.example",
        "ftp://shop.example",
        "javascript:alert(1)",
        "https://",
        "https://shop.example/reviews",
        "https://shop.example?x=1",
        "https://shop.example#top",
        "https://shop.example:port",
        "https://shop.example:0",
        "https://shop.example:99999",
        "https://admin:secret@shop.example",
        "https://shop example",
        "https://shop.example\nx",
        "https://[::1",
        7,
    ],
    "state_dir": _PATHS,
    "policy_key": _KEYS,
    "invitation_key": _KEYS,
    "url_prefix": ["/", "reviews", "/reviews/", "/a//b", "/a b", "/评价", "/a\n", "/..", "/a/../b"],
    "log_origin": ["https://shop.example", "Shop.example", "shop.example/", "a b", "x" * 201, "/x"],
    "operator": _LINES,
    "operator_insurers": [
        "Anxin",
        "a",
        "安心保险",
        "anxin;boshan",
        ["anxin", "B"],
        7,
        {"anxin": 1},
    ],
    "timezone": ["Asia", "Shanghai", "UTC+8", "../etc/passwd", "Asia/Shanghai\x00", 8],
    "wordings": [*_PATHS, "/"],
    "invitation_days": ["0", "3651", "-1", "1.5", "９０", "ninety", True, 1e3, "1" * 30],
    "contact_days": ["0", "3651", "-1", "half a year"],
    "cache_bytes": ["-1", "1e6", "32 MB", "1000000000"],
    "mail_server": _LINES,
    "mail_port": ["0", "65536", "-1", "smtp", 587.0, True],
    "mail_username": _LINES,
    "mail_password": _LINES,
    "mail_tls": ["maybe", "2", 2, "tls"],
    "mail_sender": ["shop", "@shop", "shop@", "a b@shop", "Shop <a@shop.example>", "a@b\nBcc: c@d"],
    "mail_folder": _PATHS,
    "rate_limit_submit": ["often", "0/minute", "5", 5, "1/fortnight", "5/minute;50/hour", "-1/day"],
    "rate_limit_link": ["often", "0/minute", "5", 5, "1/fortnight", "5/minute;50/hour"],
    "witnesses": [
        "https://w.example",
        W1,
        f"{W1} w.example",
        f"{W1} https://",
        f"{W1} ftp://w.example",
        f"{W1} https://me:secret@w.example",
        f"{W1} https://w.example?x=1",
        f"{W1} https://w.example#x",
        f"{W1} https://w.example https://v.example",
        f"{W1} https://w.example,{W1} https://v.example",
        f"{W1[:-4]}AAAA https://w.example",
        f"{LOG_KEY} https://w.example",
        [f"{W1} https://w.example", 7],
        [W1, "https://w.example"],
        7,
        W1.encode() + b" https://w",
    ],
}

#: Setting → a value that it can have, and what becomes of it.
TAKEN: dict[str, tuple[Any, Any]] = {
    "public_url": ("https://shop.example:8443/", "https://shop.example:8443"),
    "state_dir": ("/srv/other", Path("/srv/other")),
    "policy_key": ("0a" * 64, b"\x0a" * 64),
    "invitation_key": ("0a" * 32, b"\x0a" * 32),
    "url_prefix": ("/shop/reviews.v1", "/shop/reviews.v1"),
    "log_origin": ("reviews.shop.example/log", "reviews.shop.example/log"),
    "operator": (" 保险商城 ", "保险商城"),
    "operator_insurers": ("anxin, boshan", frozenset({"anxin", "boshan"})),
    "timezone": ("Europe/Vienna", ZoneInfo("Europe/Vienna")),
    "invitation_days": (30, 30),
    "contact_days": ("3650", 3650),
    "cache_bytes": (0, 0),
    "mail_server": ("smtp.shop.example", "smtp.shop.example"),
    "mail_port": ("25", 25),
    "mail_username": ("reviews", "reviews"),
    "mail_password": ("secret word", "secret word"),
    "mail_tls": ("no", False),
    "mail_sender": ("reviews@shop.example", "reviews@shop.example"),
    "mail_folder": ("/srv/mails", Path("/srv/mails")),
    "witnesses": (
        f" {W1} https://w.example/a/,\n{W2}  http://v.example:8100 \r\n",
        (
            WitnessSetting(CosignatureVerifier.parse(W1), "https://w.example/a"),
            WitnessSetting(CosignatureVerifier.parse(W2), "http://v.example:8100"),
        ),
    ),
}

NAMES = [field.name for field in fields(Settings)]
REQUIRED = [field.name for field in fields(Settings) if field.default is MISSING]


def source(**given: Any) -> dict[str, Any]:
    """What an application's configuration holds."""
    values = {**GOOD, **{name.upper(): value for name, value in given.items()}}
    return {PREFIX + name: value for name, value in values.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_bad_values_to_be_tried(name: str) -> None:
    assert BAD.get(name), f"add to BAD what {name} must refuse"


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_is_refused_by_name_and_with_a_remedy(name: str, value: Any) -> None:
    with pytest.raises(SettingError) as refusal:
        read_settings(source(**{name: value}))
    assert refusal.value.key == PREFIX + name.upper()
    problem = str(refusal.value).removeprefix(refusal.value.key)
    assert any(word in problem for word in ("must", "use ", "give ", "write ", "make "))


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, "", MISSING], ids=["none", "empty", "absent"])
def test_a_missing_one_says_how_to_get_it(name: str, value: Any) -> None:
    given = source(**{name: value})
    if value is MISSING:
        del given[PREFIX + name.upper()]
    with pytest.raises(SettingError, match=r"is missing: (set|make)") as refusal:
        read_settings(given)
    assert refusal.value.key == PREFIX + name.upper()


@pytest.mark.parametrize("name", TAKEN)
def test_a_good_value_is_taken(name: str) -> None:
    given, expected = TAKEN[name]
    assert getattr(read_settings(source(**{name: given})), name) == expected


@pytest.mark.parametrize("name", [name for name in NAMES if name not in REQUIRED])
@pytest.mark.parametrize("value", [None, ""], ids=["none", "empty"])
def test_what_is_left_out_has_its_default(name: str, value: Any) -> None:
    default = {field.name: field.default for field in fields(Settings)}[name]
    assert getattr(read_settings(source(**{name: value})), name) == default


def test_the_address_is_written_as_browsers_write_origins() -> None:
    for given, origin in {
        "HTTPS://Shop.Example": "https://shop.example",
        "https://shop.example:443/": "https://shop.example",
        "http://shop.example:80": "http://shop.example",
        "http://shop.example:443": "http://shop.example:443",
        "https://保险.example": "https://xn--ruqv33o.example",
        "http://[::1]:8000": "http://[::1]:8000",
    }.items():
        assert read_settings(source(public_url=given)).public_url == origin


def test_witnesses_may_be_a_list() -> None:
    lines = [f"{W1} https://w.example", f"{W2} https://v.example"]
    taken = read_settings(source(witnesses=lines)).witnesses
    assert [witness.key.name for witness in taken] == ["w.example/1", "v.example"]
    assert read_settings(source(witnesses=",".join(lines))).witnesses == taken
    assert read_settings(source(witnesses=[])).witnesses == ()


def test_only_the_needed_settings_are_needed() -> None:
    assert sorted(REQUIRED) == sorted(name.lower() for name in GOOD)
    assert read_settings(source()).base_url == "https://shop.example/reviews"


def test_a_typing_error_does_not_go_unnoticed() -> None:
    with pytest.raises(SettingError, match="is no setting") as refusal:
        read_settings({**source(), PREFIX + "PULBIC_URL": "https://shop.example"})
    assert refusal.value.key == PREFIX + "PULBIC_URL"


def test_settings_of_others_are_none_of_our_business() -> None:
    others = {"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "y"}
    assert read_settings({**source(), **others}) == read_settings(source())


def test_settings_cannot_be_changed_afterwards() -> None:
    settings = read_settings(source())
    with pytest.raises(AttributeError):
        settings.url_prefix = "/x"  # type: ignore[misc]


def test_a_secret_does_not_show_in_the_refusal() -> None:
    """Refusals end in application logs."""
    for name in ("policy_key", "invitation_key"):
        with pytest.raises(SettingError) as refusal:
            read_settings(source(**{name: "deadbeef" * 4}))
        assert "deadbeef" not in str(refusal.value)


def test_secrets_do_not_show_in_a_traceback() -> None:
    secrets = {"policy_key": "5ec1" * 16, "invitation_key": "5ec2" * 16, "mail_password": "5ec3"}
    shown = repr(read_settings(source(database_url="postgresql://u:5ec4@h/d", **secrets)))
    assert "shop.example" in shown
    assert "5ec" not in shown
    assert [name for name in secrets if name in shown] == []


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ({}, "shop.example/reviews/log/anxin"),
        ({"url_prefix": "/r"}, "shop.example/r/log/anxin"),
        ({"log_origin": "log.example"}, "log.example/anxin"),
    ],
)
def test_the_origin_of_a_log_is_a_name_of_its_own(given: dict[str, str], origin: str) -> None:
    assert read_settings(source(**given)).origin_of("anxin") == origin


@pytest.mark.parametrize("url", ["postgresql://h/d", "postgresql+psycopg://h/d", "sqlite:////x.db"])
def test_the_tested_drivers_are_taken(url: str) -> None:
    assert read_settings(source(database_url=url)).database_url.get_dialect().driver in {
        "psycopg",
        "pysqlite",
    }
