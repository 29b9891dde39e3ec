"""JSON Schemas of the answers, for the API's description. Tests hold real answers against them."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def obj(properties: Schema, *, optional: tuple[str, ...] = ()) -> Schema:
    """An object of exactly these members."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def arr(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def null_or(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def each(values: Schema) -> Schema:
    """An object as a map."""
    return {"type": "object", "additionalProperties": values}


STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
DATE: Schema = {"type": "string", "format": "date"}
TIME: Schema = {"type": "string", "format": "date-time"}
URI: Schema = {"type": "string", "format": "uri"}
HEX_32: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
SCORE: Schema = {"type": "integer", "minimum": 1, "maximum": 5}
STAGE: Schema = {"enum": ["underwriting", "renewal", "claim"]}
HISTOGRAM = obj({str(score): COUNT for score in range(1, 6)})
_AT_STARS: Schema = {"type": "number", "minimum": 1, "maximum": 5}
AVERAGE = null_or(_AT_STARS)
ASPECTS = each(obj({"average": _AT_STARS, "count": COUNT}))
MONTH: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
SHARE = null_or({"type": "number", "minimum": 0})

#: What a histogram comes to.
SCORES: Schema = {
    "average": AVERAGE,
    "interval": null_or(ref("Interval")),
    "count": COUNT,
    "small_sample": BOOLEAN,
    "histogram": HISTOGRAM,
}
REPLIES = obj({"rate": SHARE, "median_hours": null_or(COUNT)})

TEXT: Schema = STRING
_WORDS: Schema = {
    "item": null_or(STRING),
    "text": null_or(STRING),
    "salt": null_or(HEX_32),
    "commitment": null_or(HEX_32),
    "tombstone": null_or(ref("Tombstone")),
}
_TEXT: Schema = {"display_name": null_or(STRING), **_WORDS, "log": ref("Log"), "at": TIME}
_REPLY: Schema = {"version": {"type": "integer", "minimum": 1}, **_TEXT}

COMPONENTS: dict[str, Schema] = {
    "Log": obj({"origin": STRING, "index": COUNT}),
    "Tombstone": obj(
        {
            "removed_on": DATE,
            "ground": {
                "enum": [
                    "personal_data",
                    "unlawful_content",
                    "defamation",
                    "court_order",
                    "other",
                    "withdrawn",
                ]
            },
            "authority": null_or(STRING),
            "report_no": null_or(STRING),
            "acknowledged": null_or({"enum": ["acknowledged", "disputed"]}),
            "redacted": BOOLEAN,
        }
    ),
    "Text": obj(_TEXT),
    "ReplyVersion": obj(_REPLY),
    "Review": obj(
        {
            "id": STRING,
            "product": STRING,
            "insurer": STRING,
            "stage": STAGE,
            "channel": {"enum": ["online"]},
            "score": SCORE,
            "aspects": each(SCORE),
            "display_name": STRING,
            "experienced_on": MONTH,
            "submitted_at": TIME,
            "log": ref("Log"),
            "author": HEX_32,
            **_WORDS,
            "at": null_or(TIME),
            "follow_ups": arr(ref("Text")),
            "reply": null_or(obj({**_REPLY, "versions": arr(ref("ReplyVersion"))})),
        }
    ),
    "Interval": obj({"low": _AT_STARS, "high": _AT_STARS}),
    "Month": obj({"month": MONTH, "average": _AT_STARS, "count": COUNT}),
    "Stage": obj(
        {
            **SCORES,
            "aspects": ASPECTS,
            "eligible": COUNT,
            "coverage": SHARE,
            "months": arr(ref("Month")),
        }
    ),
    "Problem": {
        "type": "object",
        "properties": {
            "type": STRING,
            "title": STRING,
            "status": INTEGER,
            "code": STRING,
            "detail": STRING,
            "errors": arr(obj({"field": STRING, "code": STRING, "detail": STRING})),
            "spans": arr(obj({"kind": STRING, "start": COUNT, "end": COUNT})),
        },
        "required": ["type", "title", "status", "code", "detail"],
    },
}

PRODUCTS = obj(
    {
        "items": arr(
            obj(
                {
                    "sku": STRING,
                    "name": STRING,
                    "insurer": STRING,
                    "insurer_name": STRING,
                    "stages": arr(STAGE),
                }
            )
        )
    }
)
REVIEW = ref("Review")
REVIEWS = obj(
    {
        "product": STRING,
        "items": arr(ref("Review")),
        "next": null_or(STRING),
        "total": COUNT,
        "total_is_exact": BOOLEAN,
    }
)
SUMMARY = obj(
    {
        **SCORES,
        "stages": each(ref("Stage")),
        "months": arr(ref("Month")),
        "topics": arr(obj({"topic": STRING, "count": COUNT})),
        "replies": REPLIES,
        "removals": COUNT,
    }
)
INVITATION = obj(
    {
        "product": STRING,
        "product_name": STRING,
        "insurer": STRING,
        "insurer_name": STRING,
        "stage": STAGE,
        "occurred_on": DATE,
        "expires_at": TIME,
        "used": BOOLEAN,
        "aspects": arr(obj({"key": STRING, "label": STRING})),
    }
)
SUBMITTED = obj(
    {"id": STRING, "url": URI, "receipt_url": URI, "log": ref("Log"), "author_key": HEX_32},
    optional=("author_key",),
)
LOGGED = obj({"review": STRING, "log": ref("Log")})
REMOVED = obj({"review": STRING, "removed": arr(ref("Log"))})
INVITED = obj(
    {
        "event": STRING,
        "invitation": null_or(obj({"token": STRING, "url": URI, "expires_at": TIME})),
    }
)
REPLIED = obj({"review": STRING, "version": INTEGER, "log": ref("Log")})
PACKAGE = obj(
    {
        "format": STRING,
        "review": ref("Review"),
        "entry": STRING,
        "receipt": STRING,
        "verifier_key": STRING,
    }
)
REPORTED = obj({"id": STRING, "log": ref("Log")})
ACKNOWLEDGED = obj({"report": STRING, "verdict": STRING, "log": ref("Log")})
REMOVAL = obj(
    {"review": STRING, "item": STRING, "redacted_item": null_or(STRING), "log": ref("Log")}
)
