"""What ``make bench-peers`` runs first, before anything of ours is on the path."""

from __future__ import annotations

import subprocess
import sys

from support.checkout import ROOT


def test_peers_are_installed_by_the_standard_library_alone() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "python benchmarks/install_peers.py" in makefile
    script = str(ROOT / "benchmarks" / "install_peers.py")
    code = f"import runpy; runpy.run_path({script!r}, run_name='looked_at')"
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
