"""Commands that the program names in its sentences: they work when they are pasted, whichever book was chosen how."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import partybuild_cli

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


PACKAGE = Path(partybuild_cli.__file__).parent
#: A command line in a sentence; ` 或 ` parts it from another way to go on.
NAMED = re.compile(r"partybuild (?=[a-z]+\b(?!:)|\x00 )(?:(?! 或 )[^。；，（）”、\n`|),])*")
#: What stands for the clerk's own words in a hint, with such a word. Other Chinese words at its end are not typed.
PLACES = {
    "编号": "1",
    "姓名": "张三",
    "文件": "a.toml",
    "文件…": "a.xlsx",
    "备份文件": "a.db",
    "文件夹": "a",
    "季度": "2026Q3",
    "党支部名称": "心内科党支部",
    "页": "daily",
    "名称": "reception_desk",
    "值": "办公室",
    "文字": "义诊",
    "卒中": "卒中",
    "职务": "书记",
    "级别": "院级",
    "等次": "优秀",
    "组织委员": "组织委员",
}
#: What is done with a command, and never typed.
PROSE = ("登记", "查看", "取回", "改正", "恢复", "补到日")
#: What a value put into a hint can be.
VALUES = ("1", "2026", "2026Q3", "member", "心内科党支部", "dues", "add", "compute", "votes", "主题党日", "--note 备注")


def sentences() -> Iterator[tuple[str, str]]:
    """Every text of the package with the place where it stands; a value in it is \x00."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                texts = (one.value if isinstance(one, ast.Constant) else "\x00" for one in node.values)
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", "".join(map(str, texts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.value
    for path in (*sorted(PACKAGE.rglob("*.toml")), PACKAGE.parent / "docs/generator/remedies.toml"):
        for text in leaves(tomllib.loads(path.read_text(encoding="utf8"))):
            yield path.name, re.sub(r"\{\w+\}", "\x00", text)


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from leaves(inner)


def hints() -> list[tuple[str, str]]:
    found = {(named.strip(), place) for place, text in sentences() for named in NAMED.findall(text)}
    return sorted(found)


def filled(hint: str) -> Iterator[list[str]]:
    """The words of a hint as they could be typed."""
    words, ways = shlex.split(hint)[1:], []
    while words[-1] not in PLACES and re.fullmatch("[\u4e00-\u9fff]+", words[-1]):
        if words[-2].startswith("--") and words[-1] not in PROSE:  # its value, or it is a flag
            ways.append(words)
        words = words[:-1]
    for way in (*ways, words):
        line = " ".join(word if word == "\x00" else shlex.quote(PLACES.get(word, word)) for word in way)
        for values in product(VALUES, repeat=line.count("\x00")):
            pieces = iter(values)
            yield shlex.split(re.sub("\x00", lambda _, pieces=pieces: next(pieces), line))


def test_every_command_that_a_sentence_names_can_be_typed(understood):
    found = hints()
    assert len(found) > 150
    assert [one for one in found if not any(map(understood, filled(one[0])))] == []
