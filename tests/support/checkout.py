"""The checkout as a set of files: which belong to it, and a clean copy of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("plugin", "widgets", "moderation", "migrations", "demo_shop")

_MADE_BY_TOOLS = {"build", "dist", "instance", "__pycache__"}


def checkout_files(root: Path = ROOT) -> list[Path]:
    """Every file a commit of this checkout would hold, relative to ``root``, sorted.

    Git is asked where there is one, because it knows what is ignored. An unpacked archive has no
    ``.git``; there everything counts but hidden folders and what tools make.
    """
    names = _ask_git(root)
    if names is None:
        names = [
            path.relative_to(root)
            for path in root.rglob("*")
            if path.is_file() and not _is_by_product(path.relative_to(root))
        ]
    return sorted(name for name in names if (root / name).is_file())


def copy_checkout(target: Path, root: Path = ROOT) -> Path:
    """Copy the checkout's files to the new folder ``target``, and return it."""
    for name in checkout_files(root):
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, destination)
    return target


def _ask_git(root: Path) -> list[Path] | None:
    if not (root / ".git").exists() or shutil.which("git") is None:
        return None
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    # Git refuses a checkout owned by somebody else, as in many containers.
    if listing.returncode != 0:
        return None
    return [Path(name) for name in listing.stdout.split("\0") if name]


def _is_by_product(name: Path) -> bool:
    if name.suffix in {".pyc", ".mo"}:
        return True
    return any(
        part in _MADE_BY_TOOLS
        or part.endswith(".egg-info")
        or (part.startswith(".") and part != ".ci")
        for part in name.parts[:-1]
    )
