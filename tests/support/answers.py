"""What every answer under our prefix must have, whatever it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

HTML = "text/html"
PROBLEM = "application/problem+json"
CSP = "Content-Security-Policy"
#: Sources that a policy of ours may name.
_HARMLESS = {"'none'", "'self'", "'script'", "insurance-reviews"}


def check_headers(response: TestResponse) -> None:
    """Fail unless ``response`` carries what browsers need to keep its reader safe."""
    headers = response.headers
    where = f"{response.request.method} {response.request.path!r}"
    assert headers.get("X-Content-Type-Options") == "nosniff", where
    assert headers["Referrer-Policy"] == "strict-origin"
    assert "Server" not in headers or "werkzeug" not in headers["Server"].lower()
    policy = dict(part.strip().partition(" ")[::2] for part in headers[CSP].split(";"))
    assert policy["default-src"] == "'none'"
    assert "frame-ancestors" in policy
    if response.mimetype == HTML:
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["base-uri"] == "'none'"
        assert policy["form-action"] == "'self'"
    for name, sources in policy.items():
        if name != "frame-ancestors":
            assert set(sources.split()) <= _HARMLESS, f"{name} {sources}"


def check_refusal(response: TestResponse, status: int | None = None) -> dict[str, object]:
    """Fail unless ``response`` refuses in one of our two forms; what it says, as JSON has it."""
    check_headers(response)
    if status is not None:
        assert response.status_code == status, response.get_data(as_text=True)[:500]
    assert 400 <= response.status_code < 500, response.get_data(as_text=True)[:500]
    assert response.headers["Cache-Control"] == "no-store"
    if response.mimetype == HTML:
        page = response.get_data(as_text=True)
        assert '<body class="insurance-reviews ir-page">' in page
        return {"status": response.status_code}
    assert response.mimetype == PROBLEM
    problem: dict[str, object] = response.get_json(force=True)
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:insurance-reviews:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    return problem
