"""Some of the steps at which a command is killed; `python -m tests.faults.steps` tries them all."""

import subprocess
import sys
from pathlib import Path

import pytest

#: Scenes, and every how many-eth step of each: a few.
SOME = ("init:7 evidence:8 evidence-remove:3 undo:8", "restore:20 forget:12 import:13 backup:13")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor SIGKILL")
@pytest.mark.parametrize("scenes", SOME)
def test_killed_and_run_again_it_ends_as_if_nothing_had_been(scenes: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.steps", str(tmp_path), *scenes.split()]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, encoding="utf8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tried = [line.split()[-4] for line in done.stdout.splitlines() if line.startswith("每一步")]
    assert len(tried) == len(scenes.split())
    assert "0" not in tried
