"""The bodies and parameters that the API takes. Strict: no number in quotes, no unknown field."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from ..queries.wall import LARGEST_PAGE, MONTH, PAGE_SIZE, WallQuery
from ..search.terms import MOST_CHARACTERS

Stage = Literal["underwriting", "renewal", "claim"]
Sort = Literal["newest", "oldest", "highest", "lowest", "relevant"]
#: What other software says for yes and no is understood, too.
_SAID = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
Answer = Annotated[
    Literal["yes", "no"],
    BeforeValidator(lambda said: _SAID.get(said, said)),
]
Ground = Literal["personal_data", "unlawful_content", "defamation", "court_order", "other"]
Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]
Score = Annotated[int, Field(ge=1, le=5)]
#: A key, or a key and its stars.
ASPECT = r"^[a-z][a-z0-9_]{0,31}(:[1-5])?$"
HEX_32 = r"^[0-9a-f]{64}$"
Hex32 = Annotated[str, Field(pattern=HEX_32)]


def _day(value: object) -> date:
    """Pydantic takes times and Unix seconds for dates, too; a shop that sends those is mistaken."""
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticCustomError("date_parsing", "not a date")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("date_parsing", "no such day") from error


Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[str, Field(pattern=MONTH)]


class Body(BaseModel):
    """A JSON object of exactly these fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Parameters(BaseModel):
    """Query parameters: texts that are read as what they stand for."""

    model_config = ConfigDict(extra="forbid")


class HolderBody(Body):
    name: str | None = Field(None, max_length=200)
    email: str | None = Field(None, max_length=300)
    phone: str | None = Field(None, max_length=100)


def _occurrence(value: object) -> object:
    """Shops count claims or name them: 1 and "1" are the same occurrence."""
    counted = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return str(value) if counted else value


Occurrence = Annotated[
    str,
    BeforeValidator(_occurrence),
    Field(min_length=1, max_length=200),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": 200},
                {"type": "integer", "minimum": 1 - 2**53, "maximum": 2**53 - 1},
            ]
        }
    ),
]


class PolicyEventBody(Body):
    policy_no: str = Field(min_length=1, max_length=200)
    product: Sku
    stage: Stage
    occurrence: Occurrence
    occurred_on: Day
    holder: HolderBody | None = None


class ReviewBody(Body):
    invitation: str = Field(max_length=200)
    score: Score
    aspects: dict[str, Score] | None = Field(None, max_length=32)
    text: str | None = None
    display_name: str | None = Field(None, max_length=200)
    author: Hex32 | None = None
    confirm_personal_data: bool = False


class FollowUpBody(Body):
    author_key: str = Field(max_length=200)
    text: str
    confirm_personal_data: bool = False


class WithdrawalBody(Body):
    author_key: str = Field(max_length=200)


class ReplyBody(Body):
    text: str


class ReportBody(Body):
    report_no: str
    authority: str
    filed_on: Day
    ground: Ground
    reasons: str
    items: list[str] | None = Field(None, min_length=1, max_length=200)


class AcknowledgementBody(Body):
    verdict: Literal["acknowledged", "disputed"]
    note: str | None = None


class RemovalBody(Body):
    report: str | None = None
    item: str | None = None
    redacted_text: str | None = None


class WallParameters(Parameters):
    stage: Stage | None = None
    score: Score | None = None
    sort: Sort = "newest"
    limit: int = Field(PAGE_SIZE, ge=1, le=LARGEST_PAGE)
    after: str | None = Field(None, max_length=64)
    q: str | None = Field(None, max_length=MOST_CHARACTERS)
    topic: str | None = Field(None, max_length=32)
    aspect: str | None = Field(None, pattern=ASPECT)
    replied: Answer | None = None
    followed_up: Answer | None = None
    has_text: Answer | None = None
    since: Month | None = None
    until: Month | None = None

    def query(self, sku: str) -> WallQuery:
        """What the wall of a product is asked for. Raises :class:`InvalidInput`."""
        asked = self.model_dump()
        for name in ("replied", "followed_up", "has_text"):
            asked[name] = None if asked[name] is None else asked[name] == "yes"
        return WallQuery(sku, **asked)


class ExportParameters(Parameters):
    start: int = Field(0, alias="from", ge=0, le=2**53 - 1)


class NoParameters(Parameters):
    """None are read; unknown ones are somebody's tracking and are left alone."""

    model_config = ConfigDict(extra="ignore")
