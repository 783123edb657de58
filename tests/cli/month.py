"""The same month four ways (同一个月的四种录法): `python -m tests.cli.month [--write]` prints the table of docs/daily.md.

By menu, by commands and by workbook the month is really recorded, each into a book of its own, and the three books must
say the same. What is counted is what the clerk types; the page says how. Excel alone is estimated from the workbooks that
the program writes of the month: somebody would have to type them.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from openpyxl import load_workbook
from typer import Context
from typer.core import TyperCommand, TyperGroup

from partybuild_cli.cli import screen
from partybuild_cli.cli.app import command
from partybuild_cli.cli.commands.menu import ACTIONS
from tests.golden.stage import at, must, scratch, stage

PAGE = Path(__file__).parents[2] / "docs" / "daily.md"
MARKS = ("<!-- month -->\n", "<!-- end -->")
TODAY = "2026-09-30 16:00"
#: Keys a minute, looking things up included; keys of a Chinese character typed in pinyin.
RATE, CHARACTER = 120, 3
#: Taking a column from another sheet, with the keys that select, copy, change over and paste; filling a cell from above;
#: the most that a cell costs, for a long list of names is pasted and then corrected.
COPY, FILL, CELL = 10, 2, 30
LEDGERS = ("meeting", "service", "study", "dues", "task", "honor")

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹"
MEMBERS = [f"{surname}{'安宁平和康'[place % 5]}" for place, surname in enumerate(_SURNAMES)]
TASKS = [
    ("服务改善", "门诊增设自助机引导", "赵安", "10.31"),
    ("服务改善", "出院随访全覆盖", "钱宁", "11.30"),
    ("质量安全", "核心制度每周抽查", "孙平", "12.31"),
    ("质量安全", "抗菌药物专项点评", "李和", "10.31"),
    ("队伍建设", "培养两名入党积极分子", "周康", "12.31"),
    ("作风建设", "科室廉洁风险再排查", "吴安", "11.15"),
]


def keys(text: str) -> int:
    """How often a key is pressed for a text."""
    return sum(1 if character.isascii() else CHARACTER for character in text)


@contextmanager
def _sitting(answers: Sequence[str]) -> Iterator[None]:
    """Somebody sits at the terminal and types these answers: all of them are asked for, and no other."""
    left = [*answers]
    typed = mock.Mock(side_effect=lambda: left.pop(0))
    with mock.patch.object(screen, "on_terminal", return_value=True), mock.patch("builtins.input", typed):
        yield
    assert left == [], left


def _prepare() -> None:
    """A branch of 35 whose dues of August are known, as every way finds it."""
    must("init --branch 心内科党支部")
    posts = dict(zip(MEMBERS, ("党支部书记", "组织委员", "宣传委员"), strict=False))
    roster, paid = ["姓名,工号,人员类别,入党时间,党内职务"], ["姓名,月份,缴纳基数,应缴,实缴,缴费日期"]
    for place, name in enumerate(MEMBERS):
        base, due = 6000 + place * 100, (6000 + place * 100) * 0.015
        roster.append(f"{name},{1001 + place},正式党员,2015-06-01,{posts.get(name, '')}")
        paid.append(f"{name},2026-08,{base},{due:g},{due:g},2026-08-10")
    for name, lines in (("花名册", roster), ("党费", paid)):
        Path(f"{name}.csv").write_text("\n".join(lines), encoding="utf8")
        must(f"import {name}.csv --yes")


COMMANDS = [
    "meeting add --kind 支委会 --on 9.4 --topic 研究第三季度重点工作 --all",
    "meeting add --kind 支部党员大会 --on 9.25 --topic 第三季度工作总结 --absent 李和:值班 --absent 周康:外出会诊",
    "service add --kind 义诊 --on 9.6 --title 社区义诊 --member 赵安、吴安、郑宁、王平 --hours 4 --people-served 120",
    "service add --kind 院内志愿 --on 9.13 --title 门诊导诊 --member 冯和、陈康 --hours 3 --people-served 60",
    "service add --kind 健康讲座 --on 9.20 --title 高血压讲座 --member 钱宁 --hours 2 --people-served 45",
    "dues pay 本月 --all --except 戚平 --on 9.10",
    "study add --all --except 李和、周康 --on 9.11 --kind 集中学习 --topic 党章专题辅导 --hours 2",
    *(f"task add --area {area} --item {item} --responsible {who} --due-on {due}" for area, item, who, due in TASKS),
    "honor add --title 院优秀党员 --winner 赵安 --level 院级 --on 9.28",
]


def by_commands() -> int:
    """Each line as it stands, with Enter."""
    for line in COMMANDS:
        must(line)
    return sum(keys(f"partybuild {line}") + 1 for line in COMMANDS)


def with_tab() -> int:
    """The same where the names of commands and options are completed by Tab, once nothing else begins so."""
    total = 0
    for line in COMMANDS:
        here: TyperCommand | TyperGroup = command()
        total += 1 + _completed("partybuild", ["partybuild", "partx"])
        for word in line.split():
            below = here.get_command(Context(here), word) if isinstance(here, TyperGroup) else None
            if isinstance(here, TyperGroup) and isinstance(below, TyperCommand | TyperGroup):
                total += 1 + _completed(word, here.list_commands(Context(here)))
                here = below
            elif word.startswith("--"):
                flags = [flag for one in here.params for flag in one.opts if flag.startswith("--")]
                total += 1 + _completed(word, flags)
            else:
                total += 1 + keys(word)
    return total


def _completed(word: str, words: Sequence[str]) -> int:
    """Keys of a word: as much as no other word begins with, and Tab, which writes the blank too; or all of it."""
    others = [one for one in words if one != word]
    enough = next(
        (size for size in range(1, len(word)) if not any(one.startswith(word[:size]) for one in others)), len(word)
    )
    return min(enough, len(word))


def _number(label: str) -> str:
    return str([*ACTIONS].index(label) + 1)


#: What is answered in the menu, beginning with the number of the action; an empty answer is Enter alone.
ANSWERS = [
    *(_number("记一次会议"), "2", "9.4", "研究第三季度重点工作", "0", "", ""),
    *("", "1", "9.25", "第三季度工作总结", "李和（值班）、周康（外出会诊）", "", ""),
    *(_number("记一次志愿服务"), "9.6", "义诊", "社区义诊", "赵安、吴安、郑宁、王平", "", "4", "120", ""),
    *("", "9.13", "院内志愿", "门诊导诊", "冯和、陈康", "", "3", "60", ""),
    *("", "9.20", "健康讲座", "高血压讲座", "钱宁", "", "2", "45", ""),
    *(_number("收党费"), "本月", "全体除 戚平", "9.10"),
    *(_number("记学习学时"), "全体除 李和、周康", "9.11", "党章专题辅导", "2", "集中学习"),
    *(_number("记别的台账"), "任务", *TASKS[0]),
    *(word for task in TASKS[1:] for word in ("", "任务", *task)),
    *(_number("记别的台账"), "荣誉", "院优秀党员", "赵安", "院级", "9.28", "", ""),
    "0",
]


def by_menu() -> int:
    """Each answer, with Enter."""
    with _sitting(ANSWERS):
        must("menu")
    return sum(keys(answer) + 1 for answer in ANSWERS)


#: Who came to the lecture, and who paid.
_HEARD = [name for name in MEMBERS if name not in ("李和", "周康")]
_PAID = [name for name in MEMBERS if name != "戚平"]
#: Ledger -> what the clerk fills into its blank workbook, column by column: days as a workbook needs them, with the year.
SHEETS: dict[str, dict[str, list[str]]] = {
    "三会一课台账": {
        "会议类型": ["支委会", "支部党员大会"],
        "时间": ["2026.9.4", "2026.9.25"],
        "主题": ["研究第三季度重点工作", "第三季度工作总结"],
        "出席人员": ["全体", "全体"],
        "请假人员及原因": ["", "李和（值班）、周康（外出会诊）"],
    },
    "志愿服务台账": {
        "日期": ["2026.9.6", "2026.9.13", "2026.9.20"],
        "类别": ["义诊", "院内志愿", "健康讲座"],
        "活动名称": ["社区义诊", "门诊导诊", "高血压讲座"],
        "参加党员": ["赵安、吴安、郑宁、王平", "冯和、陈康", "钱宁"],
        "时长(小时)": ["4", "3", "2"],
        "服务人次": ["120", "60", "45"],
    },
    "学习学时台账": {
        "姓名": _HEARD,
        "学习时间": ["2026.9.11"] * len(_HEARD),
        "类别": ["集中学习"] * len(_HEARD),
        "学习内容": ["党章专题辅导"] * len(_HEARD),
        "学时": ["2"] * len(_HEARD),
    },
    "党费收缴台账": {
        "姓名": _PAID,
        "月份": ["2026.9"] * len(_PAID),
        "缴纳基数": [str(6000 + MEMBERS.index(name) * 100) for name in _PAID],
        "应缴": [f"{(6000 + MEMBERS.index(name) * 100) * 0.015:g}" for name in _PAID],
        "实缴": [f"{(6000 + MEMBERS.index(name) * 100) * 0.015:g}" for name in _PAID],
        "缴纳日期": ["2026.9.10"] * len(_PAID),
    },
    "任务清单台账": {
        **{name: [task[place] for task in TASKS] for place, name in enumerate(("方面", "目标任务", "责任人"))},
        "完成时限": [f"2026.{due}" for *_, due in TASKS],
    },
    "荣誉台账": {"荣誉名称": ["院优秀党员"], "获得者": ["赵安"], "级别": ["院级"], "授予日期": ["2026.9.28"]},
}
#: Columns that are taken over from the roster or from last month's sheet.
_TAKEN_OVER = ("序号", "姓名", "缴纳基数", "应缴", "实缴")
#: From so many rows on a column is filled or copied as a whole.
_MANY = 10


def column_keys(heading: str, cells: Sequence[str]) -> int:
    """What a column costs that is filled in with a spreadsheet program; each cell with the key that leads to the next."""
    if len(cells) >= _MANY and (heading in _TAKEN_OVER or len(set(cells)) == 1):
        return COPY if heading in _TAKEN_OVER else keys(cells[0]) + 1 + COPY
    same = (place for place in range(1, len(cells)) if cells[place] and cells[place] == cells[place - 1])
    filled = set(same)
    return sum(FILL if place in filled else min(keys(cell), CELL) + 1 for place, cell in enumerate(cells))


def by_workbook() -> int:
    """The blank workbooks filled in, laid in one folder, and imported by one line."""
    must("template --out 九月")
    for path in Path("九月").iterdir():
        columns = SHEETS.get(path.stem.removesuffix("模板"))
        if columns is None:
            path.unlink()
            continue
        book = load_workbook(path)
        sheet = book.worksheets[0]
        places = {cell.value: cell.column for cell in sheet[3]}
        for heading, cells in columns.items():
            for row, cell in enumerate(cells, start=5):
                sheet.cell(row, places[heading], cell or None)
        book.save(path)
    line = "import 九月"
    must(line)
    typed = sum(column_keys(heading, cells) for columns in SHEETS.values() for heading, cells in columns.items())
    return typed + keys(f"partybuild {line}") + 1


def in_excel() -> int:
    """The same ledgers without the program: what the export of the month shows, typed into last year's workbooks."""
    must("export meeting service study dues task honor --period 2026-09 --out 导出")
    must("export task --out 导出")
    typed = 0
    for path in sorted(Path("导出").glob("*.xlsx")):
        rows = [list(row) for row in load_workbook(path).worksheets[0].iter_rows(min_row=3, values_only=True)]
        headings = [str(cell or "") for cell in rows[0]]
        kept = [row for row in rows[1:] if isinstance(row[0], int | float) or str(row[0] or "").isdecimal()]
        for place, heading in enumerate(headings):
            cells = ["" if row[place] is None else str(row[place]) for row in kept]
            if heading and not heading.startswith("系统标识") and any(cells):
                typed += column_keys(heading, cells)
    return typed


def told() -> list[object]:
    """What the book says of the month, without the numbers of the records and without how it came to know."""
    found: list[object] = []
    for ledger in LEDGERS:
        listed = json.loads(must(f"{ledger} list --all --json").out)
        lines = [{key: value for key, value in one.items() if key not in ("id", "due_by", "basis")} for one in listed]
        found.append(sorted(map(str, lines)))
    return found


def measured() -> dict[str, int]:
    """Way -> keys, once the three books say the same."""
    counted, books = {}, []
    for name, way in (("菜单", by_menu), ("命令", by_commands), ("填空白台账再导入", by_workbook)):
        with scratch() as folder, stage(folder), at(TODAY):
            _prepare()
            counted[name] = way()
            books.append(told())
            if way is by_commands:
                counted["命令，用 Tab 补全"] = with_tab()
                alone = in_excel()
    assert books[0] == books[1] == books[2]
    return {**counted, "只用 Excel（估算）": alone}


def table(counted: dict[str, int]) -> str:
    """The table of the page."""
    lines = ["| 录法 | 按键 | 分钟 |", "| --- | ---: | ---: |"]
    lines += [f"| {way} | {count} | {count / RATE:.0f} |" for way, count in counted.items()]
    return "".join(f"{line}\n" for line in lines)


def kept() -> str:
    """The table as it stands on the page."""
    return PAGE.read_text(encoding="utf8").partition(MARKS[0])[2].partition(MARKS[1])[0]


def main() -> None:
    """Print the table, or put it into the page."""
    now = table(measured())
    print(now)
    if "--write" in sys.argv[1:]:
        page = PAGE.read_text(encoding="utf8")
        before, mark, rest = page.partition(MARKS[0])
        PAGE.write_text(before + mark + now + MARKS[1] + rest.partition(MARKS[1])[2], encoding="utf8")


if __name__ == "__main__":
    main()
