"""What is personal stays with its owner: no socket opens, files are theirs alone, logs and messages hold no whole number."""

import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.store.history import clean_command

ID, PHONE = "119900199001010029", "15400002222"
#: Runs commands in one process and prints every event of the network that the interpreter sees.
_GUARD = """
import sys
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith("socket.") else None)
from partybuild_cli.cli.run import run
for line in open(sys.argv[1], encoding="utf8").read().splitlines():
    code = run(["--db", sys.argv[2], *line.split("|")])
    if code not in (0, 1):
        print("CODE", code, line, file=sys.stderr)
print("SOCKETS", sorted(set(seen)))
"""
_WORK = """init|--branch|神经内科党支部
member|add|--name|张三|--staff-no|001|--category|正式党员|--joined-on|2008-05
meeting|add|--kind|支部党员大会|--on|2026-09-05|--topic|学习
service|add|--kind|义诊|--on|2026-09-06|--title|进社区|--member|张三:3
export|--out|{out}
import|{out}/党员花名册.xlsx
index|compute|2026Q3
check|2026Q3
report|2026Q3
quarterly|2026Q3|--out|{out}/q
backup
undo|--yes
log
log|verify
status
doctor"""


def test_no_socket_opens(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    work = tmp_path / "work.txt"
    work.write_text(_WORK.replace("{out}", str(out)), encoding="utf8")
    done = subprocess.run(
        [sys.executable, "-c", _GUARD, str(work), str(tmp_path / "book.db")],
        capture_output=True,
        encoding="utf8",
        check=True,
    )
    assert "SOCKETS []" in done.stdout
    assert "CODE" not in done.stderr, done.stderr


@pytest.fixture
def personal(branch: Any) -> Any:
    done = branch("member", "add", "--name", "赵六", "--staff-no", "K8888", "--id-number", ID, "--phone", PHONE,
                  "--category", "正式党员")  # fmt: skip
    assert done.code == 0, done.err
    return branch


@pytest.mark.parametrize(
    "command",
    [("member", "list", "--all"), ("member", "list", "--json"), ("member", "show", "赵六"), ("log", "show", "6"),
     ("log", "show", "6", "--json"), ("log", "--json")],
    ids=" ".join,
)  # fmt: skip
def test_screens_mask(personal: Any, command: tuple[str, ...]) -> None:
    done = personal(*command)
    assert done.code == 0
    assert ID not in done.out + done.err
    assert PHONE not in done.out + done.err


def test_an_export_masks_unless_told_not_to_and_the_log_says_so(personal: Any, tmp_path: Path) -> None:
    for full, folder in ((), tmp_path / "masked"), (("--full",), tmp_path / "full"):
        folder.mkdir()
        before = len(personal("log", "--json").json)
        assert personal("export", "member", "--out", str(folder), *full).code == 0
        assert len(personal("log", "--json").json) == before + bool(full)
        (book,) = folder.glob("*.xlsx")
        with zipfile.ZipFile(book) as package:
            content = b"".join(package.read(name) for name in package.namelist()).decode("utf8", "ignore")
        assert (ID in content, PHONE in content) == (bool(full), bool(full))
        assert stat.S_IMODE(book.stat().st_mode) == 0o600


def test_messages_never_hold_a_whole_id_number(personal: Any) -> None:
    wrong = ID[:-1] + ("0" if ID[-1] != "0" else "1")
    for command in (
        ("member", "add", "--name", "钱七", "--id-number", wrong, "--category", "正式党员"),
        ("member", "edit", "赵六", "--id-number", wrong),
        ("member", "edit", "赵六", "--id-number", ID + "9"),
        ("member", "add", "--name", "孙八", "--id-number", ID, "--category", "正式党员"),
    ):
        done = personal(*command)
        assert done.code in (0, 4)
        assert not re.search(r"\d{17}[\dXx]", done.out + done.err), done.err


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["--phone", "154-0000-2222"], "--phone ***"),
        (["--phone=154 0000 2222"], "--phone=***"),
        (["--id-number", ID], "--id-number ***"),
        (["--content", "想调动工作"], "--content ***"),
        (["--note", f"电话{PHONE}"], "--note 电话154***"),
        (["--on", "2026-09-05", "--title", "进 社区"], '--on 2026-09-05 --title "进 社区"'),
    ],
)
def test_command_lines_in_the_log_hide_what_is_personal(typed: list[str], kept: str) -> None:
    assert clean_command(["partybuild", "member", "add", *typed]) == f"partybuild member add {kept}"


def test_a_line_to_be_typed_again_keeps_the_words_of_a_shell_together() -> None:
    line = clean_command(["partybuild", "meeting", "edit", "1", "--absent", "张伟(编号4)：值班"])
    assert line == 'partybuild meeting edit 1 --absent "张伟(编号4)：值班"'
