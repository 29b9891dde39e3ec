"""Make ``.venv`` and install the checkout into it, unless that is done already.

``python scripts/install.py [extra …]``; only the standard library is used, because this runs
before anything is installed. pip is used with the caller's own configuration.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)

NO_VENV = """\
This Python cannot make virtual environments, and no other way was found:
    {python}
On Debian and Ubuntu: apt-get install python3-venv
Elsewhere: install virtualenv or pip for this Python, or name another one: make PYTHON=… """


def main(extras: list[str]) -> int:
    if sys.version_info < OLDEST:
        print("Python {}.{} or later is needed.".format(*OLDEST), file=sys.stderr)
        return 1
    known = read_stamp()
    extras = sorted({*extras, *known.get("extras", [])})
    wanted = {"of": fingerprint(), "extras": extras}
    if known == wanted:
        return 0
    print(f"Installing into {VENV.name}; the first time this takes a minute or two.", flush=True)
    if not venv_works() and not make_venv():
        print(NO_VENV.format(python=base_python()), file=sys.stderr)
        return 1
    target = f".[{','.join(extras)}]" if extras else "."
    done = run([str(PYTHON), "-m", "pip", "install", "--quiet", "--editable", target])
    if done:
        STAMP.write_text(json.dumps(wanted))
    return 0 if done else 1


def fingerprint() -> str:
    """Everything that makes an installation out of date: what it is made of, by what, and where."""
    digest = hashlib.sha256(f"{ROOT}\0{sys.version_info[:2]}".encode())
    # Not those of the libraries inside .venv, nor copies of ours in build.
    folders = [path for path in ROOT.iterdir() if not path.name.startswith((".", "build"))]
    catalogues = sorted(po for folder in folders for po in folder.glob("**/LC_MESSAGES/*.po"))
    for path in (ROOT / "pyproject.toml", ROOT / "setup.py", *catalogues):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, Any]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def venv_works() -> bool:
    """Whether the environment is whole, of this Python's version, and still where it was made."""
    if not PYTHON.exists():
        return False
    report = "import pip, sys; print(sys.prefix, *sys.version_info[:2])"
    answer = subprocess.run([str(PYTHON), "-c", report], capture_output=True, text=True)
    expected = f"{VENV} {sys.version_info[0]} {sys.version_info[1]}"
    return answer.returncode == 0 and answer.stdout.strip() == expected


def make_venv() -> bool:
    """Try every way there is, the common one first."""
    return any(attempt() for attempt in (by_venv, by_virtualenv, by_pip, by_debian_package))


def by_venv() -> bool:
    return attempt_venv([base_python(), "-m", "venv", str(VENV)])


def by_virtualenv() -> bool:
    return attempt_venv([base_python(), "-m", "virtualenv", "--quiet", str(VENV)])


def by_pip() -> bool:
    """Debian takes ``ensurepip`` out of Python, but a pip of the machine can fill the gap."""
    if not attempt_venv([base_python(), "-m", "venv", "--without-pip", str(VENV)], whole=False):
        return False
    pip = [base_python(), "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"]
    return run(pip, quietly=True) and venv_works()


def by_debian_package() -> bool:
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return False
    return (
        run(["apt-get", "update", "-q"])
        and run(["apt-get", "install", "-q", "-y", "--no-install-recommends", "python3-venv"])
        and by_venv()
    )


def attempt_venv(command: list[str], *, whole: bool = True) -> bool:
    shutil.rmtree(VENV, ignore_errors=True)
    return run(command, quietly=True) and (venv_works() or not whole)


def base_python() -> str:
    """The interpreter itself, even when this runs inside the environment to be replaced."""
    return getattr(sys, "_base_executable", None) or sys.executable


def run(command: list[str], *, quietly: bool = False) -> bool:
    hidden = subprocess.DEVNULL if quietly else None
    return subprocess.run(command, cwd=ROOT, stdout=hidden, stderr=hidden).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
