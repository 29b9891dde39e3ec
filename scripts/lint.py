"""Every gate that reads the code without running it. Each is run; the worst result counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMESPACE = ROOT / "build" / "namespace"
FOLDERS = ("plugin", "widgets", "moderation", "migrations", "demo_shop")
PACKAGES = tuple(f"insurance_reviews.{folder}" for folder in FOLDERS)


def main() -> int:
    link_namespace()
    python = [sys.executable, "-m"]
    settings = ["--config-file", str(ROOT / "pyproject.toml")]
    strict = [argument for package in PACKAGES for argument in ("-p", package)]
    gates = {
        "ruff check": [*python, "ruff", "check", "--output-format", "concise", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "mypy": [*python, "mypy", *strict],
        "mypy, tests": [*python, "mypy", *settings, ".", "../scripts", "../benchmarks"],
        # It has no module to run, only a script beside this Python.
        "import-linter": [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"],
    }
    # From the root, mypy would take the folder tests/plugin for a part of the package plugin.
    folders = {"mypy, tests": ROOT / "tests"}
    failed = [
        name
        for name, command in gates.items()
        if not passes(name, command, folders.get(name, ROOT))
    ]
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def link_namespace() -> None:
    """Show the tools the packages under their installed names.

    An editable install finds them by an import hook, which tools that only read files do not run.
    A folder of links is the same namespace on disk. It must not be one link to the checkout: that
    would lead into itself, through ``build``.
    """
    folder = NAMESPACE / "insurance_reviews"
    folder.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(Path("../../..") / name, target_is_directory=True)


def passes(name: str, command: list[str], folder: Path) -> bool:
    print(f"-- {name}", flush=True)
    environment = {
        **os.environ,
        "MYPYPATH": os.pathsep.join(map(str, (NAMESPACE, ROOT / "tests", ROOT / "benchmarks"))),
        "PYTHONPATH": str(NAMESPACE),
    }
    return subprocess.run(command, cwd=folder, env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
