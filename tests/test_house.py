"""The house rules that a tool can check; ``CONTRIBUTING.md`` says them in words."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.checkout import PACKAGES, ROOT, checkout_files

FILES = checkout_files()
PYTHON = [name for name in FILES if name.suffix == ".py"]
OURS = [name for name in PYTHON if name.parts[0] in PACKAGES]
ADRS = [name for name in FILES if name.parts[:2] == ("docs", "adr") and name.suffix == ".md"]

#: Longer than this wants a reason in docs/adr/, which names the module's path.
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60

#: The one module that commits: a unit of work per request or command.
COMMITS = Path("plugin/unit_of_work.py")

# Written so that no pattern matches its own line.
FOREIGN_WORDS = {
    "a path of one machine": r"(?<![\w./-])/(?:work|tmp|root|home|Users)/\w",
    "a note to self": r"\b(?:TO[D]O|FIX[M]E)\b",
    "a package registry": r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs",
}

TEMPLATE_SINS = {
    "escaping switched off": r"\|\s*safe\b|\{%-?\s*autoescape\s+false",
    "an inline script": r"<script(?![^>]*(?:\bsrc=|application/ld\+json))",
    # But in what a page shows to be copied, which is text there.
    "an inline style": r"(?<!{% set code -%}\n)<style\b|\sstyle\s*=",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
}


@cache
def read(name: Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def nodes(name: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(read(name), filename=str(name))))


def places(name: Path, pattern: str) -> Iterator[str]:
    for number, line in enumerate(read(name).splitlines(), start=1):
        if re.search(pattern, line):
            yield f"{name}:{number}: {line.strip()}"


def texts() -> list[Path]:
    """Files that people write and read. What tests take from elsewhere keeps its own words."""
    written = {".py", ".md", ".toml", ".html", ".txt", ".css", ".js", ".po", ".sql", ".mako", ""}
    return [
        name for name in FILES if name.suffix in written and name.parts[:2] != ("tests", "vectors")
    ]


def named_in_an_adr(name: Path) -> bool:
    return any(f"`{name.as_posix()}`" in read(adr) for adr in ADRS)


def test_the_root_is_a_namespace() -> None:
    """docs/adr/0001 says what an ``__init__.py`` up here would break."""
    assert Path("__init__.py") not in FILES


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_one_and_says_that_it_is_typed(package: str) -> None:
    assert {Path(package, "__init__.py"), Path(package, "py.typed")} <= set(FILES)


def test_importing_moderation_costs_nothing() -> None:
    """The verifier needs ``moderation.tlog`` only; a busy ``__init__`` would bring SQLAlchemy."""
    assert read(Path("moderation/__init__.py")).strip() == ""


@pytest.mark.parametrize("what", FOREIGN_WORDS)
def test_no_file_holds(what: str) -> None:
    assert [hit for name in texts() for hit in places(name, FOREIGN_WORDS[what])] == []


def test_modules_are_short() -> None:
    """Tests may go on for half as long again: they are read one test at a time."""
    long = [
        name
        for name in PYTHON
        if len(read(name).splitlines()) > LONGEST_MODULE * (1 if name in OURS else 1.5)
    ]
    assert [str(name) for name in long if not named_in_an_adr(name)] == []


def test_functions_are_short() -> None:
    assert [
        f"{name}:{node.lineno}: {node.name}"
        for name in OURS
        if not named_in_an_adr(name)
        for node in nodes(name)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ] == []


def test_the_extension_keeps_no_app() -> None:
    """One extension object serves several applications, each with settings of its own."""
    assert [
        f"{name}:{node.lineno}"
        for name in OURS
        for node in nodes(name)
        if isinstance(node, ast.Attribute)
        and node.attr == "app"
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    ] == []


def test_only_the_unit_of_work_commits() -> None:
    """Services take a session and leave its transaction to who called them."""
    assert [
        f"{name}:{node.lineno}"
        for name in OURS
        if name != COMMITS
        for node in nodes(name)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ] == []


def test_packages_import_each_other_relatively() -> None:
    """All but the shop, which imports as a host does."""
    assert [
        f"{name}:{node.lineno}"
        for name in OURS
        if not is_run_by_alembic(name)
        for node in nodes(name)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and (is_relative(node) if name.parts[0] == "demo_shop" else names_the_root(node))
    ] == []


def is_run_by_alembic(name: Path) -> bool:
    """Alembic runs these from their paths, outside any package."""
    return name == Path("migrations/env.py") or name.parts[:2] == ("migrations", "versions")


def is_relative(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level > 0


def names_the_root(node: ast.Import | ast.ImportFrom) -> bool:
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names = [] if node.level else [node.module or ""]
    return any(name.split(".")[0] == "insurance_reviews" for name in names)


def test_the_log_needs_only_cryptography() -> None:
    """Anybody may copy ``moderation/tlog`` into a verifier of their own."""
    known = {*sys.stdlib_module_names, "cryptography"}
    assert [
        f"{name}: {top}"
        for name in OURS
        if name.parts[:2] == ("moderation", "tlog")
        for top in imported_from_outside(name)
        if top not in known
    ] == []


def imported_from_outside(name: Path) -> Iterator[str]:
    for node in nodes(name):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


def contract(beginning: str) -> dict[str, list[str]]:
    """The import-linter contract whose name begins so."""
    contracts = tomllib.loads(read(Path("pyproject.toml")))["tool"]["importlinter"]["contracts"]
    (found,) = [each for each in contracts if each["name"].startswith(beginning)]
    return dict(found)


def test_strangers_tools_are_under_a_contract() -> None:
    """What a regulator runs must not bring our application with it."""
    sources = set(contract("The verifier and the witness")["source_modules"])
    tools = {"insurance_reviews.moderation.verify", "insurance_reviews.moderation.witness"}
    assert sources == tools


def test_services_and_models_do_not_know_the_adapters() -> None:
    """The contract on Flask allows the adapters to import it, so nobody may reach it by them."""
    allowed = contract("Flask stays")["ignore_imports"]
    adapters = {line.split(" -> ")[0].split(".")[2] for line in allowed}
    assert [
        f"{name}: {'.'.join(module)}"
        for name in OURS
        if name.parts[0] == "plugin" and Path(name.parts[1]).stem not in {*adapters, "__init__"}
        for module in imported_relatively(name)
        if module[0] == "plugin" and adapters & {*module[1:2]}
    ] == []


def imported_relatively(name: Path) -> Iterator[tuple[str, ...]]:
    for node in nodes(name):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = (*name.parts[: -node.level], *filter(None, (node.module or "").split(".")))
            yield from ((*module, alias.name) for alias in node.names)


@pytest.mark.parametrize("what", TEMPLATE_SINS)
def test_no_template_holds(what: str) -> None:
    """Pages are cached and carry no nonce, so nothing in them may be inline."""
    templates = [name for name in FILES if name.suffix == ".html" and name.parts[0] in PACKAGES]
    assert [
        f"{name}: {found.group().strip()}"
        for name in templates
        for found in re.finditer(TEMPLATE_SINS[what], read(name))
    ] == []


def test_every_decision_is_numbered_and_argued() -> None:
    numbers = [name.name[:4] for name in ADRS]
    assert numbers == [f"{number:04}" for number in range(1, len(ADRS) + 1)]
    for name in ADRS:
        headings = re.findall(r"^## (.+)$", read(name), flags=re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], name


def test_the_changelog_keeps_its_form() -> None:
    """Keep a Changelog 1.1: newest first, and only the six kinds of change."""
    headings = re.findall(r"^(#+ .+)$", read(Path("CHANGELOG.md")), flags=re.MULTILINE)
    assert headings[:2] == ["# Changelog", "## [Unreleased]"]
    kinds = {
        f"### {kind}" for kind in ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    }
    versions = [heading for heading in headings[2:] if heading not in kinds]
    dates = [re.fullmatch(r"## \[\d+\.\d+\.\d+\] - (\d{4}-\d\d-\d\d)", text) for text in versions]
    assert all(dates)
    assert versions == sorted(versions, key=lambda text: text.split(" - ")[1], reverse=True)
