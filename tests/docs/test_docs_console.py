"""Every console block of the manual and the README runs, in order, and shows what the page says it shows."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from console import pages
from generator.blocks import blocks, faults, folder, play, world

from partybuild_cli.cli.app import command

ROOT = Path(__file__).parents[2]
PAGES = pages()


@pytest.mark.drawn
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_blocks_run_and_show_what_the_page_says(page):
    assert list(faults(page.read_text(encoding="utf8"))) == []


def test_every_page_begins_its_world():
    """The first block of a page says in which world it runs; a later one may begin another."""
    assert [page.name for page in PAGES if "world" not in blocks(page.read_text(encoding="utf8"))[0].marks] == []


@pytest.mark.parametrize(
    ("shown", "sound"),
    [
        ("……\n已新建数据库 …，第一个党支部是神经内科党支部。\n……", True),
        ("……\n已新建数据库 …，第一个党支部是心内科党支部。\n……", False),
        ("已新建数据库 …", False),
    ],
)
def test_a_block_that_shows_something_else_is_a_fault(shown, sound):
    page = f"<!-- world: empty -->\n```console\n$ partybuild init --branch 神经内科党支部\n{shown}\n```\n"
    assert (list(faults(page)) == []) is sound


def test_a_block_that_ends_otherwise_is_a_fault():
    page = "<!-- world: example -->\n```console\n$ partybuild member show 王五\n```\n"
    assert "ended with 3, not 0" in next(iter(faults(page)))
    assert list(faults(page.replace("```console", "<!-- exit: 3 -->\n```console"))) == []


#: What the examples build on.
BEFORE = (
    "branch add --name 神经内科党支部",
    "branch add --name 心内科党支部",
    "meeting add --kind 支部党员大会 --on 2026-09-05 --topic 工作安排 --branch 呼吸内科党支部 --all-present",
    "service add --kind 义诊 --on 2026-08-01 --title 进社区 --member 张三 --hours 3",
    "task add --area 整改 --item 排查 --responsible 张三",
    "post add --member 张三 --place 导诊台",
    "development add --name 王五 --branch 呼吸内科党支部 --voted-on 2026-06-01 --approved-on 2026-07-01 --votes '应到2 实到2 赞成2'",
    "export member --out .",
    "--db 支部交来/内科.db init --branch 神经内科党支部",
    "backup 备份.db",
    "index compute 2026Q3 --scheme 默认方案@1",
    "evidence add meeting 1 照片.jpg",
    "dues add --member 张三 --month 2026-09 --base 8600",
)
#: What one of them needs besides.
POSTED = "index publish 2026Q3 --on 2026-10-09"
FIRST = {
    "evidence add": ["evidence remove meeting 1 照片.jpg"],
    "member forget": ["member transfer 张三 --to 市二院 --on 2026-10-20"],
    "index scheme check": ["index scheme new 我的方案.toml"],
    **{f"index {verb}": [POSTED] for verb in ("object", "revise", "lock", "objections")},
}
#: What somebody at a terminal answers.
TYPED = {"undo": "y\n", "menu": "退出\n"}


def examples(group, path: str = "") -> Iterator[tuple[str, str]]:
    """Each command with the example that ends its help."""
    for name in group.list_commands(None):
        one = group.get_command(None, name)
        yield f"{path}{name}", one.epilog or ""
        if hasattr(one, "list_commands"):
            yield from examples(one, f"{path}{name} ")


def test_the_help_of_each_command_ends_with_an_example_that_works(tmp_path):
    """Those of the verbs of every ledger stand in its page, whose blocks are run above."""
    told = "".join(page.read_text(encoding="utf8") for page in PAGES if page.parent.name == "ledgers")
    wrong = []
    with world("example") as here:
        (here / "照片.jpg").write_bytes(b"\xff\xd8\xff\xd9")
        (here / "支部交来").mkdir()
        (here / "签到表.pdf").write_bytes(b"%PDF-1.4\n%%EOF")
        assert [line for line in BEFORE if play(f"partybuild {line}").code] == []
        (here / "党员花名册.xlsx").rename(here / "花名册.xlsx")
        (here / "密钥.txt").write_text("a key of these tests", encoding="utf8")
        kept = shutil.copytree(here, tmp_path / "kept")
    alike = {example: path for path, example in examples(command())}  # a group may have that of one of its commands
    assert "" not in alike, alike[""]
    for example, path in alike.items():
        if f"$ {example}\n" in told:
            continue
        with folder(shutil.copytree(kept, tmp_path / path)) as here:
            if path == "init":
                (here / "partybuild.db").unlink()
            done = [play(f"partybuild {line}") for line in FIRST.get(path, ())] + [play(example, TYPED.get(path, ""))]
        if [one.code for one in done] != [0] * (len(done) - 1) + [path == "check"]:  # where something is owed
            wrong.append("\n".join([f"{path}: {example}", *(one.text for one in done)]))
    assert wrong == []
