"""Commands that the program names in its sentences: they work when they are pasted, whichever book was chosen how."""

from pathlib import Path

import pytest

ROSTER = "姓名,工号,人员类别,所在党支部\n陈一,T1,正式党员,心内科党支部\n"


@pytest.fixture
def away(cli, tmp_path: Path):
    """Commands on a book that only `--db` chooses, in a folder with a blank in its name."""
    path = tmp_path / "我的 台账" / "book.db"
    path.parent.mkdir()

    def call(*words: object):
        return cli("--db", path, *words)

    call.named = f'partybuild --db "{path}"'
    return call


def test_hints_after_success_name_the_book_that_was_chosen(away, tmp_path):
    made = away("init", "--branch", "心内科党支部")
    assert f"接下来：{away.named} import 花名册.xlsx 导入花名册，或 {away.named} member add 登记党员。" in made.out
    (tmp_path / "花名册.csv").write_text(ROSTER, encoding="utf8")
    assert f"可用 {away.named} undo 2 撤销。" in away("import", tmp_path / "花名册.csv").out
    assert f"可以恢复：{away.named} undo 3" in away("undo", "--yes").err
    assert f"用 {away.named} log show 编号 看明细。" in away("log").err
    assert f"：{away.named} import 花名册.xlsx" in away("status").out
    assert f"：{away.named} meeting add" in away("check", "2026Q3").out


def test_errors_name_the_book_too_but_help_needs_none(away):
    assert f"请先运行 {away.named} init --branch 党支部名称" in away("status").err
    away("init", "--branch", "心内科党支部")
    assert f"请用 {away.named} meeting list 查看编号" in away("meeting", "show", 7).err
    assert "用 partybuild meeting add --help 查看写法" in away("meeting", "add").err


def test_a_book_from_the_environment_stays_unsaid(cli):
    assert "partybuild import 花名册.xlsx" in cli("init", "--branch", "心内科党支部").out
    assert "--db" not in cli("status").out + cli("log").err + cli("meeting", "show", 7).err
