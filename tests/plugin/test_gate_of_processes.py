"""Writers of several processes queue at one gate, and a dead process does not keep it shut."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from insurance_reviews.plugin.gate import FairGate

HOLDER = """
import sys, time
from insurance_reviews.plugin.gate import FairGate
with FairGate(sys.argv[1]).entered(1):
    print("inside", flush=True)
    time.sleep(60)
"""


def enter(gate: FairGate, entered: threading.Event) -> None:
    with gate.entered(1):
        entered.set()


def test_a_dead_process_leaves_the_gate_open(tmp_path: Path) -> None:
    path = str(tmp_path / "reviews.sqlite-gate")
    entered = threading.Event()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "inside\n"
        writer = threading.Thread(target=enter, args=(FairGate(path), entered))
        writer.start()
        assert not entered.wait(0.2)
        holder.kill()
        assert entered.wait(10)
        writer.join()


def test_two_gates_on_one_file_are_one(tmp_path: Path) -> None:
    """As two applications in one process would have them."""
    path = str(tmp_path / "gate")
    entered = threading.Event()
    writer = threading.Thread(target=enter, args=(FairGate(path), entered))
    with FairGate(path).entered(1):
        writer.start()
        assert not entered.wait(0.2)
    assert entered.wait(10)
    writer.join()
