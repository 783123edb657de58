"""The worked example of the scheme, as records through the command line and one small sheet of ratings."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("first_edition")

MEMBERS = (("张三", "001"), ("李四", "002"), ("王五", "003"))
COMMANDS = """
study add --member 张三 --studied-on 2026-07-10 --kind 集中学习 --topic 学习会 --hours 6 --note 交流发言
study add --member 张三 --studied-on 2026-08-10 --kind 专题培训 --topic 培训班 --hours 3
study add --member 张三 --studied-on 2026-07 --kind 网络自学 --topic 平台七月 --hours 2
study add --member 张三 --studied-on 2026-08 --kind 网络自学 --topic 平台八月 --hours 2
study add --member 张三 --studied-on 2026-09-30 --kind 网络自学 --topic 平台九月 --hours 2
meeting add --kind 专题学习 --on 2026-07-20 --topic 理论学习 --lecturer 张三 --all-present
meeting add --kind 支部党员大会 --on 2026-07-06 --topic 第一次大会 --all-present
meeting add --kind 支部党员大会 --on 2026-09-07 --topic 第二次大会 --all-present
meeting add --kind 党课 --on 2026-07-13 --topic 第一课 --all-present
meeting add --kind 党课 --on 2026-08-13 --topic 第二课 --absent 张三
meeting add --kind 党课 --on 2026-09-13 --topic 第三课 --all-present
meeting add --kind 党小组会 --on 2026-09-14 --topic 小组会 --all-present
meeting add --kind 主题党日 --on 2026-07-05 --topic 七月主题党日 --all-present
meeting add --kind 主题党日 --on 2026-08-05 --topic 八月主题党日 --all-present
meeting add --kind 主题党日 --on 2026-09-05 --topic 九月主题党日 --all-present
dues add --member 张三 --month 2026-07 --due 96 --paid 96
dues add --member 张三 --month 2026-08 --due 96 --paid 96 --paid-on 2026-08-31
dues add --member 张三 --month 2026-09 --due 96 --paid 96 --paid-on 2026-09
talk add --on 2025-10-01 --talker 李四 --subject 张三
task add --area 作风 --item 整改承诺 --source 2025年度组织生活会 --responsible 张三 --due-on 2026-08-31 --done-on 2026-08-30 --evidence 照片 --verified-by 李四
task add --area 业务 --item 任务一 --responsible 张三 --due-on 2026-07-31 --done-on 2026-07-31 --evidence 报告 --verified-by 李四
task add --area 业务 --item 任务二 --responsible 张三 --due-on 2026-08-31 --done-on 2026-08-01 --evidence 报告 --verified-by 李四
task add --area 业务 --item 任务三 --responsible 张三 --due-on 2026-09-30 --done-on 2026-09 --evidence 报告 --verified-by 李四
task add --area 业务 --item 任务四 --responsible 张三 --due-on 2026-09-15
metric add --subject 张三 --name 患者满意度 --period 2026Q3 --actual 96
honor add --title 技能竞赛一等奖 --winner 张三 --level 市厅级 --field 业务 --awarded-on 2026-08-16
service add --kind 院内志愿 --on 2026-07-01 --title 导诊一 --member 张三 --hours 2
service add --kind 院内志愿 --on 2026-08-01 --title 导诊二 --member 张三 --hours 2
service add --kind 院内志愿 --on 2026-09-01 --title 导诊三 --member 张三 --hours 2
service add --kind 义诊 --on 2026-07-11 --title 社区义诊 --member 张三 --organizer 张三
service add --kind 义诊 --on 2026-08-11 --title 广场义诊 --member 张三 --organizer 李四
service add --kind 健康讲座 --on 2026-09-11 --title 卒中讲座 --member 张三
service add --kind 科普 --on 2026-09-12 --title 科普文章 --member 张三
post add --member 张三 --place 卒中绿色通道岗 --set-on 2025-07 --quarter 2026Q3 --assessed 合格
pairing add --kind 师徒 --giver 张三 --receiver 李四 --started-on 2026-03-01 --visited-on 2026-07-15 --content 指导
conduct add --member 张三 --on 2026-08 --kind 突击队
conduct add --member 张三 --on 2026-07-16 --kind 锦旗
"""
RATINGS = """季度,评议方式,姓名,评议人,得分
2026Q3,自评,张三,,95
2026Q3,互评,张三,李四,88
2026Q3,互评,张三,王五,92
"""


@pytest.fixture
def example(cli, prepared, tmp_path: Path):

    def make() -> None:
        assert cli("init", "--branch", "神经内科党支部").code == 0
        for name, number in MEMBERS:
            done = cli(
                *("member", "add", "--name", name, "--staff-no", number, "--category", "正式党员"),
                *("--joined-on", "2010-07-01", "--staff-kind", "临床"),
            )
            assert done.code == 0, done.err
        for line in COMMANDS.strip().splitlines():
            done = cli(*line.split())
            assert done.code == 0, (line, done.err)
        sheet = tmp_path / "评议.csv"
        sheet.write_text(RATINGS, encoding="utf8")
        done = cli("import", sheet, "--ledger", "rating")
        assert done.code == 0, done.err

    prepared("worked", make)
    return cli


def test_every_figure_of_the_example_by_explain(example) -> None:
    account = example("index", "explain", "张三", "2026Q3", "--json").json
    assert account["dimensions"] == {"A": "18", "B": "23", "C": "19.5", "D": "16", "E": "8"}
    assert {key: account[key] for key in ("base", "bonus", "deduction", "obj", "score", "band")} == {
        "base": "84.5",
        "bonus": "1",
        "deduction": "4",
        "obj": "81.5",
        "score": "86.8",
        "band": "良",
    }
    assert account["parts"] == {"self": "95", "peer": "90", "org": "81.5"}
    assert {line["id"]: (line["value"], line["points"]) for line in account["indicators"]} == {
        "A1": ("9", "10"),
        "A2": ("3/3", "3"),
        "A3": ("领学×1、交流发言×1", "2"),
        "A4": ("1/1", "3"),
        "B1": ("5/6", "10"),
        "B2": ("3/3", "6"),
        "B3": ("3/3", "3"),
        "B4": ("1", "2"),
        "B5": ("1/1", "2"),
        "C1": ("3/4", "7.5"),
        "C2": ("96", "5"),
        "C3": ("0", "5"),
        "C4": ("市厅级×1", "2"),
        "D1": ("次×3", "6"),
        "D2": ("次×3、带队×1", "9"),
        "D3": ("次×1", "1"),
        "E1": ("1", "3"),
        "E2": ("1", "3"),
        "E3": ("突击队×1", "2"),
    }


def test_every_point_names_its_records(example) -> None:
    account = example("index", "explain", "001", "2026Q3", "--json").json
    records = {line["id"]: line["records"] for line in account["indicators"]}
    assert [(one["ledger"], one["day"], one["title"], one["note"]) for one in records["B1"]] == [
        ("meeting", "2026-07-06", "第一次大会", ""),
        ("meeting", "2026-07-13", "第一课", ""),
        ("meeting", "2026-08-13", "第二课", "缺席"),
        ("meeting", "2026-09-07", "第二次大会", ""),
        ("meeting", "2026-09-13", "第三课", ""),
        ("meeting", "2026-09-14", "小组会", ""),
    ]
    assert [(one["day"], one["title"], one["note"]) for one in records["A1"]] == [
        ("2026-07-10", "学习会", "6 学时"),
        ("2026-08-10", "培训班", "3 学时"),
    ]
    assert [one["note"] for one in records["D2"]] == ["义诊；次；带队", "义诊；次", "健康讲座；次"]
    assert [one["title"] for one in records["C3"]] == []
    assert [
        (one["name"], one["points"], [record["title"] for record in one["records"]]) for one in account["adjustments"]
    ] == [("锦旗、表扬信", "1", ["锦旗"]), ("无故缺席", "2", ["第二课"]), ("任务逾期未销号", "2", ["任务四"])]


def test_lines_add_up_to_the_score_of_the_list(example) -> None:
    assert example("index", "compute", "2026Q3").code == 0
    for member in example("index", "list", "2026Q3", "--json").json["members"]:
        account = example("index", "explain", member["staff_no"], "2026Q3", "--json").json
        points = sum(Decimal(line["points"]) for line in account["indicators"])
        assert points == Decimal(account["base"]) == sum(map(Decimal, member["dimensions"].values()))
        obj = min(Decimal(100), max(Decimal(0), points + Decimal(account["bonus"]) - Decimal(account["deduction"])))
        assert obj == Decimal(account["obj"])
        assert (account["score"], account["rank"]) == (member["score"], member["rank"])


def test_list_as_contract_says(example) -> None:
    document = example("index", "list", "2026Q3", "--json").json
    assert (document["quarter"], document["scheme"], document["state"]) == ("2026Q3", "默认方案@1", "draft")
    assert [(one["rank"], one["name"], one["score"]) for one in document["members"]] == [
        (1, "张三", "86.8"),
        (2, "李四", "35.1"),
        (3, "王五", "32.1"),
    ]
    example("index", "compute", "2026Q3")
    assert example("index", "list", "2026Q3", "--json").json["state"] == "peer"


def test_terminal_names_what_made_each_point(example) -> None:
    said = example("index", "explain", "张三", "2026Q3").out
    assert "B1 三会一课出席　10 / 12 分　（5/6；12 分 × 完成 ÷ 应完成）\n" in said
    assert re.search(r"三会一课台账　编号 \d+　2026-08-13　第二课　缺席\n", said)
    assert "基础得分 84.5 + 加分 1 - 扣分 4 = 记录得分 81.5\n" in said
    assert said.endswith("季度指数 86.8（良），本支部第 1 名\n")
