"""Look at every scene: ``python -m widgets.gallery`` in ``tests/`` serves them and says where.

With a folder it photographs them instead: ``python -m widgets.gallery FOLDER [SCENE …]
[--lang=zh-TW] [--shots=390-dark,1280-light]``, by default at both widths, light and dark.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from insurance_reviews.widgets.i18n import DEFAULT_LANGUAGE
from insurance_reviews.widgets.render import Renderer
from support.chromium import find_chromium, launch_arguments
from support.live import serve

from .samples import PAGE
from .scenes import SCENES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STATIC = Path(__file__).resolve().parents[2] / "widgets" / "static"
SHOTS = ("390-light", "390-dark", "1280-light", "1280-dark")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'"
)
# The one page with a frame in it: plugin/views/embedding.py allows it there, and only there.
FRAMED = ("desk-embed", "desk-embed-nowhere")
FRAMING = f"{POLICY}; frame-src 'self'"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HOST = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>商品</title>'
    '<meta name="viewport" content="width=device-width">'
)
_RENDERER = Renderer(overrides=None, asset_url=lambda name: f"/static/{name}")


def html(name: str, lang: str = "zh-CN") -> str:
    """One scene as it is sent: a page, a mail's text, or a fragment inside a host's page."""
    template, context = SCENES[name]
    rendered = _RENDERER.render(template, lang, page=PAGE, **context())
    if not name.startswith("fragment"):
        return rendered
    return f"{_HOST}<main><h1>商品</h1>{rendered}</main></html>"


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """``/SCENE`` and ``/static/…``, under the policy that our pages are served with."""
    request = Request(environ)
    folder, _, name = request.path.strip("/").rpartition("/")
    if folder == "static":
        response = Response((STATIC / name).read_bytes(), mimetype=_TYPES[Path(name).suffix])
    elif request.path.endswith("/frame/wall"):
        response = Response(html("wall-framed"), mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY
    elif name in SCENES:
        kind = "text/plain" if name.endswith("txt") else "text/html"
        response = Response(html(name, request.args.get("lang", "zh-CN")), mimetype=kind)
        response.headers["Content-Security-Policy"] = FRAMING if name in FRAMED else POLICY
    else:
        links = "".join(f'<li><a href="/{scene}">{scene}</a>' for scene in SCENES)
        response = Response(f"<ul>{links}</ul>", mimetype="text/html")
    return response(environ, start_response)


def photograph(folder: Path, names: list[str], shots: list[str], lang: str) -> None:
    """One PNG per scene and shot."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, serve(app) as address:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=launch_arguments()
        )
        for shot in shots:
            width, _, scheme = shot.partition("-")
            context = browser.new_context(
                viewport={"width": int(width), "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            tab = context.new_page()
            tab.on("console", lambda message: print("console:", message.text))
            tab.on("pageerror", lambda error: print("error:", error))
            for name in names:
                tab.goto(f"{address}/{name}?lang={lang}")
                tab.screenshot(path=folder / f"{name}-{shot}.png", full_page=True)
            context.close()
        browser.close()


def main(arguments: list[str]) -> None:
    """Command line; see the module."""
    options = [argument for argument in arguments if argument.startswith("--")]
    folder, *names = [argument for argument in arguments if not argument.startswith("--")] or [""]
    if not folder:
        with serve(app) as address:
            input(f"{address}  (Enter ends it) ")
        return
    shots, lang = list(SHOTS), DEFAULT_LANGUAGE
    for option in options:
        key, _, value = option.partition("=")
        if key == "--shots":
            shots = value.split(",")
        elif key == "--lang":
            lang = value
    photograph(
        Path(folder),
        names or [name for name in SCENES if not name.startswith("mail")],
        shots,
        lang,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
