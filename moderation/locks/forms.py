"""The canonical form of JSON that a row holds: written anew from its values, for comparison.

A column of JSON enters its leaf as it is stored. A second spelling of the same value (other order,
white space, a key twice, ``5.0`` for 5) would be a leaf that no verifier takes for canonical.
"""

from __future__ import annotations

from .speaker import Speaker


def string_list(json: str, say: Speaker) -> str:
    """SQL for the list of plain strings that ``json`` is; NULL when it is empty."""
    if say.dialect == "sqlite":
        return (
            f"('[' || (SELECT group_concat('\"' || value || '\"') FROM json_each({json})) || ']')"
        )
    return (
        f"(CASE WHEN jsonb_typeof({json}::jsonb) = 'array' THEN '[' || (SELECT "
        f"string_agg('\"' || value || '\"', ',' ORDER BY number) FROM "
        f"jsonb_array_elements_text({json}::jsonb) WITH ORDINALITY t(value, number)) || ']' END)"
    )


def score_object(json: str, say: Speaker) -> str:
    """SQL for the object of scores from 1 to 5 that ``json`` is; NULL when one of them is not."""
    if say.dialect == "sqlite":
        known = "type = 'integer' AND value BETWEEN 1 AND 5 AND key NOT GLOB '*[^a-z0-9_]*'"
        return (
            f"(SELECT CASE WHEN count(*) = coalesce(sum({known}), 0) AND "
            f"count(*) = count(DISTINCT key) THEN '{{' || "
            f"coalesce(group_concat('\"' || key || '\":' || value), '') || '}}' END "
            f"FROM (SELECT * FROM json_each({json}) ORDER BY key))"
        )
    known = "value ~ '^[1-5]$' AND key ~ '^[a-z0-9_]+$'"
    return (
        f"(CASE WHEN json_typeof({json}::json) = 'object' THEN (SELECT CASE WHEN "
        f"coalesce(bool_and({known}), TRUE) AND count(*) = count(DISTINCT key) THEN '{{' || "
        f"coalesce(string_agg('\"' || key || '\":' || value, ',' ORDER BY key COLLATE \"C\"), '') "
        f"|| '}}' END FROM json_each_text({json}::json)) END)"
    )


def redaction_object(json: str, item: str, say: Speaker) -> str:
    """SQL for the leaf's ``redacted`` member: the row ``item``, and the masks that ``json``
    holds."""
    if say.dialect == "sqlite":
        masks = (
            "SELECT group_concat('[' || start || ',' || length || ']') "
            f"FROM (SELECT * FROM {masks_of(json, say)} ORDER BY number)"
        )
    else:
        masks = (
            "SELECT string_agg('[' || start || ',' || length || ']', ',' ORDER BY number) "
            f"FROM {masks_of(json, say)}"
        )
    return (
        f'(\'{{"commitment":"\' || {item}.commitment || \'","item":"\' || {item}.id '
        f"|| '\",\"masks\":[' || ({masks}) || ']}}')"
    )


def masks_of(json: str, say: Speaker) -> str:
    """A derived table ``(number, start, length)`` of the masks; NULL where one is no integer
    pair."""
    if say.dialect == "sqlite":

        def part(place: int) -> str:
            return (
                f"(SELECT value FROM json_each(m.value) WHERE key = {place} AND type = 'integer')"
            )

        return (
            f"(SELECT key AS number, {part(0)} AS start, CASE (SELECT count(*) FROM "
            f"json_each(m.value)) WHEN 2 THEN {part(1)} END AS length "
            f"FROM json_each({json}, '$.masks') m)"
        )
    integers = r"value::text ~ '^\[(0|[1-9][0-9]{0,8}), [1-9][0-9]{0,8}\]$'"
    return (
        f"(SELECT number, CASE WHEN {integers} THEN (value ->> 0)::int END AS start, "
        f"CASE WHEN {integers} THEN (value ->> 1)::int END AS length FROM "
        f"jsonb_array_elements({json}::jsonb -> 'masks') WITH ORDINALITY t(value, number)) AS m"
    )
