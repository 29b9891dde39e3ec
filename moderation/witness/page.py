"""The witness's own page: who it is, which logs it follows, and how far it has vouched for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup, escape

from .state import Conflict, Followed

__all__ = ["STYLE", "render_page"]

STYLE: Final = """\
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.6 }
body { margin: 2rem auto; max-width: 44rem; padding: 0 1rem; overflow-wrap: anywhere }
h2 { font-size: 1.1rem; margin-top: 2rem }
ul { list-style: none; padding: 0 }
li { margin: 1rem 0 }
pre { white-space: pre-wrap; padding: .75rem 1rem; border: 1px solid; border-radius: .5rem }
"""
_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name}</title>
<link rel="stylesheet" href="style.css">
<h1>{name}</h1>
<p>本见证方保存下列登记簿的检查点。登记簿只有证明自己在原有内容之后续写，才能得到新的联署。</p>
<p lang="en">This witness keeps checkpoints of the logs below. It cosigns a new one only with a
proof that the log continued what it was before.</p>
<h2>公钥 <span lang="en">Key</span></h2>
<pre>{vkey}</pre>
<h2>登记簿 <span lang="en">Logs</span></h2>
<ul>
{logs}</ul>
<h2>互相矛盾的检查点 <span lang="en">Conflicting checkpoints</span></h2>
<ul>
{conflicts}</ul>
</html>
"""
_LOG: Final = """<li><b>{origin}</b><br>
{size} 条 <span lang="en">entries</span>，<time datetime="{at}">{at}</time>{left}
<pre>{note}</pre></li>
"""
_NEW: Final = """<li><b>{origin}</b><br>尚未联署 <span lang="en">not cosigned yet</span></li>
"""
_LEFT: Final = '，已停止跟踪 <span lang="en">no longer followed</span>'
_FORK: Final = """<li><b>{origin}</b><br>分叉：{size} 条处有两种内容
<span lang="en">A fork: two histories of {size} entries</span>，<time datetime="{at}">{at}</time>
<pre>{known}</pre>
<pre>{note}</pre></li>
"""
_UNPROVEN: Final = """<li><b>{origin}</b><br>未能证明续写：{size} 条
<span lang="en">Not proven to continue: {size} entries</span>，<time datetime="{at}">{at}</time>
</li>
"""
_NONE: Final = """<li>无 <span lang="en">None</span></li>
"""


def render_page(
    name: str, vkey: str, logs: Sequence[Followed], conflicts: Sequence[Conflict]
) -> str:
    """The page as HTML, which wants :data:`STYLE` beside it as ``style.css``."""
    return _fill(
        _PAGE,
        name=name,
        vkey=vkey,
        logs=_join([_log(log) for log in logs]),
        conflicts=_join([_conflict(conflict) for conflict in conflicts]),
    )


def _log(log: Followed) -> Markup:
    if log.head is None:
        return _fill(_NEW, origin=log.origin)
    head = log.head
    left = "" if log.vkeys else _fill(_LEFT)
    values = {"origin": log.origin, "size": head.size, "note": head.note}
    return _fill(_LOG, **values, at=_time(head.at), left=left)


def _conflict(conflict: Conflict) -> Markup:
    return _fill(
        _FORK if conflict.kind == "fork" else _UNPROVEN,
        origin=conflict.origin,
        size=conflict.size,
        at=_time(conflict.at),
        known=conflict.known_note,
        note=conflict.note,
    )


def _fill(template: str, **values: object) -> Markup:
    # The templates are the constants above; whatever is put into them is escaped.
    return Markup(template).format(**{name: escape(value) for name, value in values.items()})


def _join(parts: Sequence[Markup]) -> Markup:
    return _fill("").join(parts) if parts else _fill(_NONE)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
