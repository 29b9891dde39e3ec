"""The settings, read once when the extension is mounted, into one frozen object.

Each is ``INSURANCE_REVIEWS_<NAME>`` in ``app.config`` or, stand-alone, in the environment. A
missing or bad one raises :class:`SettingError`, which names the key and the remedy.
``docs/settings.md`` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from limits import RateLimitItem, parse, parse_many
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ..moderation.tlog.cosignature import CosignatureVerifier
from ..widgets.wordings import check_wordings

PREFIX = "INSURANCE_REVIEWS_"
NEW_KEY = 'python -c "import secrets; print(secrets.token_hex(32))"'


class SettingError(ValueError):
    """A setting that is missing or cannot be used; ``key`` is its full name."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key} {problem}")
        self.key = key


#: The drivers that are tested.
_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"})


def _database_url(value: object) -> URL:
    try:
        url = make_url(str(value))
    except ArgumentError as error:
        raise ValueError(
            "is no database URL: use sqlite:////path/reviews.db or postgresql+psycopg://…"
        ) from error
    if url.drivername not in _DRIVERS:
        raise ValueError(f"must begin with one of {', '.join(sorted(_DRIVERS))}")
    if url.get_backend_name() == "sqlite" and _in_memory(url):
        raise ValueError("must name a file: a database in memory would lose what was acknowledged")
    return url


def _in_memory(url: URL) -> bool:
    # Also as the URI that SQLite itself understands.
    return not url.database or ":memory:" in url.database or url.query.get("mode") == "memory"


def _url_prefix(value: object) -> str:
    text = str(value)
    if not re.fullmatch(r"(/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)+", text):
        raise ValueError("must be a path such as /reviews, without a slash at its end")
    return text


def _public_url(value: object) -> str:
    text = str(value)
    if not _is_address(text) or urlsplit(text).query or urlsplit(text).fragment:
        raise ValueError(
            "must be the shop's address as visitors see it, such as https://shop.example"
        )
    parts = urlsplit(text)
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no name and no password: it stands in every mail")
    if parts.path.strip("/"):
        raise ValueError("must be scheme and host only: the path is the setting URL_PREFIX")
    # As browsers write an origin: what an address is compared with has to be written alike.
    host = (parts.hostname or "").encode("idna").decode()
    if ":" in host:
        host = f"[{host}]"
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


_PORTS = {"http": 80, "https": 443}


def _is_address(text: str) -> bool:
    """Whether ``text`` is an http(s) address with a host, for anybody to follow."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and port != 0
        and "@" not in parts.netloc
        # urlsplit() drops line breaks and takes blanks for a part of the host.
        and not re.search(r"[\s\x00-\x1f]", text)
    )


def _origin(value: object) -> str:
    text = str(value)
    if not re.fullmatch(r"[a-z0-9.-]+(/[A-Za-z0-9._~-]+)*", text) or len(text) > 200:
        raise ValueError("must be a name such as reviews.shop.example, without scheme")
    return text


def _key(value: object) -> bytes:
    text = str(value)
    if not re.fullmatch(r"[0-9a-f]{64,}", text) or len(text) % 2:
        raise ValueError(f"must be at least 64 hexadecimal digits: make one with {NEW_KEY}")
    return bytes.fromhex(text)


def _directory(value: object) -> Path:
    path = Path(str(value))
    if not path.is_absolute():
        raise ValueError("must be an absolute path to a directory of our own")
    if path.exists() and not path.is_dir():
        raise ValueError("names a file: give a directory of our own")
    return path


def _wordings(value: object) -> Path:
    folder = _directory(value)
    check_wordings(folder)
    return folder


def _timezone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        # OSError is what Python 3.11 says of "Asia", a folder.
        raise ValueError("is no IANA time zone: use one such as Asia/Shanghai") from error


def _whole(first: int, last: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        text = str(value)
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError(f"must be a whole number from {first} to {last}")
        if not first <= int(text) <= last:
            raise ValueError(f"must be from {first} to {last}")
        return int(text)

    return read


def _flag(value: object) -> bool:
    text = str(value).lower()
    if text not in {"true", "false", "1", "0", "yes", "no"}:
        raise ValueError("must be true or false")
    return text in {"true", "1", "yes"}


def _address(value: object) -> str:
    text = str(value)
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", text):
        raise ValueError("must be a plain e-mail address")
    return text


def _line(value: object) -> str:
    text = str(value).strip()
    if not text or not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def _slugs(value: object) -> frozenset[str]:
    slugs = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(slugs, Iterable) or isinstance(slugs, (bytes, Mapping)):
        raise ValueError("must be slugs of insurers, with blanks between them")
    found = frozenset(map(str, slugs))
    if odd := sorted(slug for slug in found if not re.fullmatch(r"[a-z0-9-]{2,32}", slug)):
        raise ValueError(f"must be slugs of insurers, such as anxin, and not {odd[0]!r}")
    return found


def _rate(value: object) -> RateLimitItem:
    try:
        rate, *more = parse_many(str(value))
    except ValueError as error:
        raise ValueError("is no rate: write it as 30/minute") from error
    if more or rate.amount < 1:
        raise ValueError("must be one rate such as 30/minute, of at least 1")
    return rate


@dataclass(frozen=True, slots=True)
class WitnessSetting:
    """A witness that we ask: its key, and the address before ``/add-checkpoint``."""

    key: CosignatureVerifier
    url: str


def _witnesses(value: object) -> tuple[WitnessSetting, ...]:
    lines = re.split(r"[,\r\n]+", value) if isinstance(value, str) else value
    if not isinstance(lines, Sequence) or not all(isinstance(line, str) for line in lines):
        raise ValueError(f"must be lines of {_WITNESS}")
    witnesses = tuple(_witness(line.split()) for line in lines if line.strip())
    if len({witness.key.name for witness in witnesses}) < len(witnesses):
        raise ValueError("must name each witness once")
    return witnesses


_WITNESS = "a witness's key, a space, and its address"


def _witness(parts: list[str]) -> WitnessSetting:
    try:
        vkey, url = parts
        key = CosignatureVerifier.parse(vkey)
    except ValueError as error:
        raise ValueError(
            f"must be lines of {_WITNESS}; the key is what insurance-reviews-witness init prints"
        ) from error
    if not _is_address(url) or urlsplit(url).query or urlsplit(url).fragment:
        raise ValueError(f"must give the address of {key.name} as https://witness.example/path")
    return WitnessSetting(key, url.rstrip("/"))


def _setting(
    read: Callable[[object], object],
    default: Any = MISSING,
    remedy: str = "",
    *,
    secret: bool = False,
) -> Any:
    """A field of :class:`Settings`: how it is read, what it is when unset, how to get one, and
    whether tracebacks must not show it."""
    return field(default=default, repr=not secret, metadata={"read": read, "remedy": remedy})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Fields without a default must be set; their remedy says how."""

    database_url: URL = _setting(
        _database_url, remedy="set it to sqlite:////absolute/path/reviews.db to begin with"
    )
    public_url: str = _setting(
        _public_url, remedy="set it to the shop's address, for links in mails"
    )
    state_dir: Path = _setting(
        _directory, remedy="set it to a directory that only this service uses"
    )
    policy_key: bytes = _setting(_key, remedy=f"make one with {NEW_KEY} and keep it", secret=True)
    invitation_key: bytes = _setting(
        _key, remedy=f"make one with {NEW_KEY} and keep it", secret=True
    )
    url_prefix: str = _setting(_url_prefix, "/reviews")
    log_origin: str | None = _setting(_origin, None)
    operator: str | None = _setting(_line, None)
    operator_insurers: frozenset[str] = _setting(_slugs, frozenset())
    timezone: ZoneInfo = _setting(_timezone, ZoneInfo("Asia/Shanghai"))
    wordings: Path | None = _setting(_wordings, None)
    invitation_days: int = _setting(_whole(1, 3650), 90)
    contact_days: int = _setting(_whole(1, 3650), 180)
    cache_bytes: int = _setting(_whole(0, 999_999_999), 32_000_000)
    mail_server: str | None = _setting(_line, None)
    mail_port: int = _setting(_whole(1, 65535), 587)
    mail_username: str | None = _setting(_line, None)
    mail_password: str | None = _setting(_line, None, secret=True)
    mail_tls: bool = _setting(_flag, True)
    mail_sender: str = _setting(_address, "reviews@localhost")
    mail_folder: Path | None = _setting(_directory, None)
    rate_limit_submit: RateLimitItem = _setting(_rate, parse("120/minute"))
    rate_limit_link: RateLimitItem = _setting(_rate, parse("5/minute"))
    witnesses: tuple[WitnessSetting, ...] = _setting(_witnesses, ())

    @property
    def base_url(self) -> str:
        """Where we are mounted, absolute, without a slash at its end."""
        return self.public_url + self.url_prefix

    def origin_of(self, insurer: str) -> str:
        """The origin of a new log: frozen by its first entry, whatever the setting says later."""
        host = urlsplit(self.public_url).netloc
        return f"{self.log_origin or host + self.url_prefix + '/log'}/{insurer}"


def read_settings(source: Mapping[str, Any]) -> Settings:
    """The settings in ``source`` (``app.config`` or ``os.environ``).

    Raises :class:`SettingError` for the first that is missing or bad, and for a name of ours that
    is no setting (a typing error would otherwise go unnoticed).
    """
    known = {PREFIX + setting.name.upper(): setting for setting in fields(Settings)}
    for key in source:
        if key.startswith(PREFIX) and key not in known:
            raise SettingError(key, "is no setting: see docs/settings.md")
    values: dict[str, Any] = {}
    for key, setting in known.items():
        given = source.get(key)
        if given is None or given == "":
            if setting.default is MISSING:
                raise SettingError(key, f"is missing: {setting.metadata['remedy']}")
            continue
        try:
            values[setting.name] = setting.metadata["read"](given)
        except ValueError as error:
            raise SettingError(key, str(error)) from error
    return Settings(**values)
