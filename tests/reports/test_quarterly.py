"""The quarter's folder: the same bytes each time, whole or not at all, one run at a time."""

import hashlib
import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from partybuild_cli.errors import Busy, Unfit
from partybuild_cli.reports.folder import MANIFEST, deliver


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_same_records_same_bytes(year, tmp_path):
    first = year("quarterly", "2026Q3", "--out", tmp_path / "a", "--json").json
    second = year("quarterly", "2026Q3", "--out", tmp_path / "b", "--json").json
    assert sums(tmp_path / "a" / "2026Q3") == sums(tmp_path / "b" / "2026Q3")
    assert first["files"] == second["files"]
    again = year("quarterly", "2026Q3", "--out", tmp_path / "a")
    assert "与上次完全相同" in again.out


def test_the_manifest_names_every_file(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path)
    folder = tmp_path / "2026Q3"
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf8"))
    found = sums(folder)
    assert {one["file"]: one["sha256"] for one in manifest["files"]} == {
        name: value for name, value in found.items() if name != MANIFEST
    }
    assert (manifest["period"], manifest["records"]["三会一课台账"]) == ("2026Q3", 1)


def test_only_the_owner_may_read(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path / "out")
    folder = tmp_path / "out" / "2026Q3"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_new_records_make_a_new_folder(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path)
    before = sums(tmp_path / "2026Q3")
    year("meeting", "add", "--kind", "党课", "--on", "2026-09-20", "--topic", "微党课")
    assert year("quarterly", "2026Q3", "--out", tmp_path).code == 0
    after = sums(tmp_path / "2026Q3")
    assert before["三会一课台账2026Q3.xlsx"] != after["三会一课台账2026Q3.xlsx"]
    assert before["党员花名册.xlsx"] == after["党员花名册.xlsx"]


def test_a_file_that_was_deleted_is_made_again(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path)
    good = sums(tmp_path / "2026Q3")
    (tmp_path / "2026Q3" / "党员花名册.xlsx").unlink()
    assert year("quarterly", "2026Q3", "--out", tmp_path, "--json").json["changed"] is True
    assert sums(tmp_path / "2026Q3") == good


@pytest.mark.parametrize(
    ("arguments", "words"), [(["2026Q5"], "2026Q5"), (["2026-09"], "不是一个季度"), (["2026Q3"], "--out")]
)
def test_wrong_words(year, tmp_path, arguments, words):
    out = [] if words == "--out" else ["--out", tmp_path / "out"]
    done = year("quarterly", *arguments, *out)
    assert (done.code, words in done.err) == (2, True)


def test_a_folder_of_somebody_else_is_left_alone(year, tmp_path):
    (tmp_path / "2026Q3").mkdir()
    (tmp_path / "2026Q3" / "私人.txt").write_text("x")
    done = year("quarterly", "2026Q3", "--out", tmp_path)
    assert (done.code, "不是 partybuild 生成的" in done.err) == (3, True)
    assert (tmp_path / "2026Q3" / "私人.txt").read_text() == "x"


def test_two_runs_are_kept_apart(tmp_path):
    with FileLock(tmp_path / ".2026Q3.lock"), pytest.raises(Busy, match="另一个程序正在生成"):
        deliver(tmp_path / "2026Q3", lambda folder: {})


def test_a_failure_leaves_nothing(tmp_path):
    def fill(folder: Path) -> dict:
        (folder / "a.txt").write_text("x")
        raise Unfit("坏了")

    with pytest.raises(Unfit):
        deliver(tmp_path / "2026Q3", fill)
    assert not (tmp_path / "2026Q3").exists()


SLOW = """
import sys, time
from pathlib import Path
from partybuild_cli.reports.folder import deliver
def fill(folder):
    for number in range(200):
        (folder / f"{number}.txt").write_text("x" * 1000)
        print(number, flush=True)
        time.sleep(0.01)
    return {"period": "2026Q3"}
deliver(Path(sys.argv[1]) / "2026Q3", fill)
"""


def test_killed_half_way_there_is_no_half_folder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while process.stdout.readline().strip() != "20":
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "2026Q3").exists()
    done = deliver(tmp_path / "2026Q3", lambda folder: {"period": "2026Q3"})
    assert sorted(path.name for path in done.folder.iterdir()) == [MANIFEST]
