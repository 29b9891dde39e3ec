"""``make bench-peers``: give Isso an environment of its own. Only the standard library is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parent.parent / "build" / "peers"
PACKAGES = ("isso==0.14.0", "gunicorn>=23")


def main() -> int:
    """Make the environment; the exit code of what failed, or 0."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    return subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES]).returncode


if __name__ == "__main__":
    sys.exit(main())
