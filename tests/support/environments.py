"""Virtual environments for installation tests, made in a second and without downloads."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path


class Environment:
    """A fresh environment that sees the dependencies of this one, but nothing of ours.

    The dependencies come from a ``.pth`` line that names this environment's ``site-packages``.
    Such a folder is searched for modules, but its own ``.pth`` files are not read, so that our
    editable install there, which works by one, stays invisible.
    """

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=os.name != "nt")
        base = {"base": str(folder), "platbase": str(folder)}
        self.site_packages = Path(sysconfig.get_path("purelib", "venv", vars=base))
        self.scripts = Path(sysconfig.get_path("scripts", "venv", vars=base))
        self._python = self.scripts / "python"
        borrowed = sysconfig.get_path("purelib")
        (self.site_packages / "borrowed.pth").write_text(f"{borrowed}\n")

    def install(self, *arguments: str | Path) -> None:
        """``pip install`` without dependencies, the network or build isolation."""
        offline = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
        pip = [sys.executable, "-m", "pip", "--python", str(self._python), "install", "--quiet"]
        self._call([*pip, "--ignore-installed", *offline, *map(str, arguments)])

    def python(self, *arguments: str | Path, cwd: Path) -> str:
        """Run this environment's Python in ``cwd``; give what it prints."""
        return self._call([str(self._python), *map(str, arguments)], cwd)

    def _call(self, command: list[str], cwd: Path | None = None) -> str:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout
