"""Find a Chromium for the browser tests, or get one: ``python -m support.chromium``.

Sought are, in this order, a browser on the path and the one Playwright keeps. No browser test is
ever skipped, so ``make test`` runs this module first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
DEBIAN_PACKAGES = ("chromium", "fonts-noto-cjk")


def find_chromium() -> Path | None:
    """The browser's executable, or None."""
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    with sync_playwright() as playwright:
        kept = Path(playwright.chromium.executable_path)
    return kept if kept.exists() else None


def launch_arguments() -> list[str]:
    """Chromium refuses to run as root inside its sandbox."""
    return ["--no-sandbox"] if _is_root() else []


def get_chromium() -> None:
    """Install a browser: Debian's for root on Debian, Playwright's for everybody else."""
    if _is_root() and shutil.which("apt-get") is not None:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *DEBIAN_PACKAGES],
        ):
            subprocess.run(command, check=True, env=environment)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    """Print where the browser is; get it first where it is missing."""
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium here; installing one.", flush=True)
        try:
            get_chromium()
        except subprocess.CalledProcessError as error:
            print(f"That failed: {error}", file=sys.stderr)
        chromium = find_chromium()
    if chromium is None:
        print(
            "The browser tests need Chromium. Install it (Debian: apt-get install chromium "
            "fonts-noto-cjk) so that `chromium` is on the path, and run again.",
            file=sys.stderr,
        )
        return 1
    print(chromium)
    return 0


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


if __name__ == "__main__":
    sys.exit(main())
