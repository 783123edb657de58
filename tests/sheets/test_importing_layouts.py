"""Where tables are, what their headings mean and which ledger they are, in workbooks as awkward as clerks make them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from partybuild_cli.errors import Unfit
from partybuild_cli.sheets.importing import Options, Question, Report, import_files
from partybuild_cli.store.engine import Book

Take = Callable[..., Report]
MEETING = ["序号", "会议时间", "会议类型", "主题", "地点", "请假人员及原因"]
MEETING_COLUMNS = {
    "会议时间": "held_on", "会议类型": "kind", "主题": "topic", "地点": "place", "请假人员及原因": "on_leave",
}  # fmt: skip
RATING = ["序号", "姓名", "得分", "事由"]


def tables(report: Report) -> list[dict[str, Any]]:
    """The tables of the first file, with only what says something."""
    found = report.document()["files"][0]["sheets"]
    return [{key: value for key, value in table.items() if value not in ([], {}, None, "")} for table in found]


def values(table: dict[str, Any], *keys: str) -> list[tuple[Any, ...]]:
    """Row number and some values of each record."""
    return [(one["row"], *(one["values"].get(key) for key in keys)) for one in table["records"]]


def skipped(table: dict[str, Any]) -> dict[int, str]:
    return {one["row"]: one["reason"] for one in table.get("skipped", [])}


def test_an_empty_first_sheet_and_a_table_that_starts_at_d7(take: Take) -> None:
    blank = [None] * 3
    empty, table = tables(
        take({
            "封面": [],
            "数据": [[], [], [], [], [*blank, "神经内科党支部三会一课台账"], [], [*blank, *MEETING],
                     [*blank, 1, "2026-03-05", "支部党员大会", "学习", "会议室", "张敏（值班）"]],
        })
    )  # fmt: skip
    assert empty == {"sheet": "封面", "reason": "空表"}
    assert table["ledger"] == "meeting"
    assert table["header_rows"] == [7]
    assert table["columns"] == MEETING_COLUMNS
    assert table["context"] == {"branch": "神经内科党支部"}
    assert table["records"] == [
        {
            "row": 8,
            "outcome": "added",
            "values": {
                "branch": "神经内科党支部", "kind": "支部党员大会", "held_on": "2026-03-05", "topic": "学习", "place": "会议室",
                "on_leave": [{"name": "张敏", "reason": "值班"}],
            },
            "extras": {},
        }
    ]  # fmt: skip


def test_a_second_page_repeats_title_and_header(take: Take) -> None:
    page = [["神经内科党支部会议台账"], MEETING]
    first = [1, "2026-04-05", "支部党员大会", "甲", "一"]
    second = [2, "2026-04-06", "支委会", "乙", "一"]
    signed = ["填表人：周明远", None, "审核人："]
    (table,) = tables(take({"会议": [*page, first, signed, [], *page, second, signed]}))
    assert table["header_rows"] == [2]
    assert values(table, "topic") == [(3, "甲"), (8, "乙")]
    assert skipped(table) == {4: "签名行", 6: "重复的标题", 7: "重复的表头", 9: "签名行"}
    assert table["rows"] == {"read": 2, "added": 2, "changed": 0, "unchanged": 0, "problem": 0}


def test_a_different_header_further_down_is_a_table_of_its_own(take: Take) -> None:
    meeting, service = tables(
        take({
            "台账": [
                ["神经内科党支部三会一课台账"], MEETING, [1, "2026-05-05", "支部党员大会", "甲", "一"], ["合计", "1次"], [],
                ["心内科党支部志愿服务台账"], ["序号", "活动日期", "活动名称", "类别", "参加党员", "服务人次"],
                [1, "2026-05-06", "进社区", "义诊", "张敏、吴振华", "近400"], ["合计", 1, None, None, 2],
            ]
        })
    )  # fmt: skip
    assert (meeting["ledger"], meeting["range"], meeting["header_rows"]) == ("meeting", "A2:F5", [2])
    assert skipped(meeting) == {4: "合计行"}
    assert (service["ledger"], service["range"], service["header_rows"]) == ("service", "A7:F9", [7])
    assert service["context"] == {"branch": "心内科党支部"}
    assert values(service, "title", "people_served") == [(8, "进社区", {"value": 400, "qualifier": "近"})]
    assert skipped(service) == {9: "合计行"}


@pytest.mark.parametrize("gap", [[None], []], ids=["with a gap", "without a gap"])
def test_two_tables_side_by_side(take: Take, gap: list[None]) -> None:
    title = ["神经内科党支部2026年第三季度党员先锋指数自评表"]
    rows = [[1, "周明远", 90, "好", *gap, 3, "张敏", "91分"], [2, "陈静姝", 92]]
    left, right = tables(take({"自评": [title, [*RATING, *gap, *RATING], *rows]}))
    assert [left["ledger"], right["ledger"]] == ["rating", "rating"]
    assert [left["range"], right["range"]] == ["A2:D4", "F2:I4" if gap else "E2:H4"]
    assert values(left, "member", "score", "quarter", "part") == [
        (3, "周明远", "90", "2026Q3", "自评"), (4, "陈静姝", "92", "2026Q3", "自评"),
    ]  # fmt: skip
    assert values(right, "member", "score") == [(3, "张敏", "91")]


def test_four_header_rows_with_groups_of_groups(take: Take) -> None:
    rows = [
        ["神经内科党支部党员花名册"],
        ["序\n号", "党员基本情况", None, None, None, None, None, "备 注"],
        [None, "个人信息", None, None, "组织信息"],
        [None, "姓名", "证件", None, "时间", None, "人员类别*"],
        [None, None, "工号", "性别（必填）", "入党\n时间", "转正\n时间"],
        [1, "新 一", "009001", "男", "2020.07", "2021.07", "正式党员", "甲"],
    ]
    merged = ["A2:A5", "B2:G2", "H2:H5", "B3:D3", "E3:G3", "B4:B5", "C4:D4", "E4:F4", "G4:G5"]
    (table,) = tables(take({"花名册": rows}, {"花名册": merged}))
    assert table["header_rows"] == [2, 3, 4, 5]
    assert table["columns"] == {
        "姓名": "name", "工号": "staff_no", "性别(必填)": "gender", "入党时间": "joined_on", "转正时间": "full_on",
        "人员类别*": "category", "备注": "note",
    }  # fmt: skip
    assert values(table, "name", "staff_no", "joined_on", "note") == [(6, "新一", "009001", "2020-07", "甲")]


def test_a_form_of_labels_and_values_is_no_ledger_and_is_named(take: Take) -> None:
    form = [
        ["党员基本信息采集表"], ["姓名", "张三", "性别", "男"], ["民族", "汉", "出生日期", "1980-01"], ["学历", "本科", "入党日期", "2001"],
    ]  # fmt: skip
    meeting = [["神经内科党支部会议台账"], MEETING, [1, "2026-05-05", "支部党员大会", "甲", "一"]]
    found = tables(take({"采集表": form, "会议": meeting}))
    assert found[0] == {
        "sheet": "采集表",
        "reason": "像是填写一个人或一件事的表单（标签和内容相间），不是一行一条的台账",
    }
    assert found[1]["rows"]["added"] == 1


@pytest.mark.parametrize(
    "rows",
    [
        [["签到表"], ["序号", "姓名", "科室", "签名"], [1, "张三", "内科", ""]],
        [["党员党费收缴汇总表"], ["（2026年3月）"], ["序号", "党支部名称", "应交纳党费金额（元）", "实交纳党费金额（元）"],
         [1, "神经内科党支部", 1000, 1000]],
        [["关于开会的通知"], ["各党支部："], ["请于本周五前报送台账。"]],
        [["党支部", "党员人数", "男", "女"], ["神经内科党支部", 5, 2, 3]],
    ],
    ids=["attendance list", "sums by branch", "letter", "statistics"],
)  # fmt: skip
def test_what_is_no_ledger_is_refused_with_the_sheet_and_the_reason(take: Take, rows: list[list[Any]]) -> None:
    with pytest.raises(Unfit, match=r"台账\.xlsx 里没有找到台账。工作表“某表”：") as refusal:
        take({"某表": rows})
    assert refusal.value.exit_code == 3


def test_one_stray_cell_at_the_far_corner_costs_nothing(party: Book, sheet_file: Callable[..., Path]) -> None:
    path = sheet_file({"会议": [["神经内科党支部会议台账"], MEETING, [1, "2026-05-05", "支委会", "甲", "一"]]})
    workbook = load_workbook(path)
    workbook["会议"].cell(1_048_576, 16_384).value = " "
    workbook.save(path)
    start = time.process_time()
    report = import_files(party, [path], Options())
    assert time.process_time() - start < 15
    assert (report.sheets[0].counts["added"], report.sheets[0].extras) == (1, [])


def test_hidden_rows_and_sheets_are_read_and_said(party: Book, sheet_file: Callable[..., Path]) -> None:
    rows = [["神经内科党支部会议台账"], MEETING, [1, "2026-05-05", "支部党员大会", "甲", "一"]]
    path = sheet_file({"封面": [["目录"]], "会议": rows})
    workbook = load_workbook(path)
    workbook["会议"].sheet_state = "hidden"
    workbook["会议"].row_dimensions[3].hidden = True
    workbook.save(path)
    _, table = tables(import_files(party, [path], Options(with_rows=True)))
    assert table["notes"] == ["工作表是隐藏的，已照常读取", "第 3 行（共 1 行）是隐藏的，已照常读取"]
    assert values(table, "topic") == [(3, "甲")]


def test_formatted_blanks_far_below_and_beside_the_data_do_not_matter(
    party: Book, sheet_file: Callable[..., Path]
) -> None:
    path = sheet_file({"会议": [["神经内科党支部会议台账"], MEETING, [1, "2026-05-05", "支部党员大会", "甲", "一"]]})
    workbook = load_workbook(path)
    workbook["会议"]["XFD1048576"].number_format = "0.00"
    workbook["会议"]["Z5000"] = "　"
    workbook.save(path)
    (table,) = tables(import_files(party, [path], Options(with_rows=True)))
    assert values(table, "topic") == [(3, "甲")]
    assert skipped(table) == {}


def test_a_csv_in_the_national_encoding_with_a_header_of_two_rows(party: Book, tmp_path: Path) -> None:
    text = (
        "神经内科党支部志愿服务台账,,,,,\r\n序号,活动日期,活动名称,类别,参加情况,,备注\r\n,,,,参加党员,时长（小时）,\r\n"
        '1,2026.5.6,进社区,义诊,张敏、欧阳晨,2小时,"甲\r\n乙"\r\n'
    )
    path = tmp_path / "义诊.xls"
    path.write_bytes(text.encode("gb18030"))
    report = import_files(party, [path], Options(with_rows=True))
    (table,) = tables(report)
    assert report.files[0].notes == ["扩展名是 .xls，内容却是 csv 格式：已按内容读取。"]
    assert table["sheet"] == "*"
    assert table["header_rows"] == [2, 3]
    assert table["columns"]["时长(小时)"] == "hours"
    assert values(table, "hours", "note") == [(4, "2", "甲\n乙")]


def test_alike_headings_are_told_apart_by_group_or_letter_and_kept(take: Take) -> None:
    rows = [
        ["神经内科党支部2026年3月党费核算表"],
        ["序号", "党员姓名", "工资收入", None, "补贴收入", None, "交纳基数", "说明事项", "说明事项"],
        [None, None, "固定", "浮动", "固定", "浮动"],
        [1, "周明远", 3000, 1500, 500, 200, 5200, "甲", "乙", "丙"],
    ]
    (table,) = tables(take({"党费": rows}, {"党费": ["A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:G3", "H2:H3", "I2:I3"]}))
    assert table["columns"] == {"党员姓名": "member", "交纳基数": "base"}
    assert table["context"] == {"branch": "神经内科党支部", "month": "2026-03"}
    assert table["records"][0]["extras"] == {
        "工资收入/固定": "3000", "工资收入/浮动": "1500", "补贴收入/固定": "500", "补贴收入/浮动": "200",
        "说明事项(H)": "甲", "说明事项(I)": "乙", "J": "丙",
    }  # fmt: skip
    assert table["extras"] == list(table["records"][0]["extras"])


def test_a_heading_that_ends_in_a_known_word_is_taken_and_said(take: Take) -> None:
    rows = [
        ["神经内科党支部会议台账"],
        ["召开地点", "会议召开时间", "会议类型", "主题"],
        ["一", "2026-05-05", "支委会", "甲"],
    ]
    (table,) = tables(take({"会议": rows}))
    assert table["columns"] == {"召开地点": "place", "会议召开时间": "held_on", "会议类型": "kind", "主题": "topic"}
    assert any("会议召开时间" in note and "--map" in note for note in table["notes"])


def test_other_peoples_data_is_not_taken_by_a_likeness_of_headings(take: Take) -> None:
    headings = ["姓名", "工号", "人员类别", "紧急联系电话", "配偶姓名", "原工号"]
    rows = [["神经内科党支部花名册"], headings, ["新一", "0091", "正式党员", "15400000001", "某某", "0001"]]
    (table,) = tables(take({"花名册": rows}))
    assert table["columns"] == {"姓名": "name", "工号": "staff_no", "人员类别": "category"}
    assert table["extras"] == ["紧急联系电话", "配偶姓名", "原工号"]


UNCLEAR = [
    ["事项", "责任人", "时限", "日期", "类别"],
    ["购置设备", "周明远", "2026-12-01", "2026-05-05", "重大项目安排"],
]


def test_two_ledgers_that_fit_alike_are_named_with_the_option_to_use(take: Take) -> None:
    with pytest.raises(Unfit, match=r"分不清是.*--ledger task.*--ledger decision"):
        take({"表": UNCLEAR})
    (table,) = tables(take({"表": UNCLEAR}, ledger="decision"))
    assert table["ledger"] == "decision"


def test_an_answer_to_which_ledger_is_remembered_for_sheets_alike(take: Take) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> str:
        asked.append(question)
        return "decision"

    assert tables(take({"表": UNCLEAR}, ask=answer))[0]["ledger"] == "decision"
    assert [value for value, _ in asked[0].choices] == ["task", "decision"]
    assert tables(take({"表": UNCLEAR}, ask=answer))[0]["rows"]["unchanged"] == 1
    assert len(asked) == 1


def test_of_a_sheet_with_one_known_heading_the_way_in_is_told(take: Take) -> None:
    rows = {"支部": [["支部名称"], ["内科党支部"], ["外科党支部"]]}
    with pytest.raises(Unfit, match=r"只认得“支部名称”一栏.*--map 支部名称=字段名"):
        take(rows)
    (table,) = tables(take(rows, ledger="branch", maps={"支部名称": "name"}))
    assert values(table, "name") == [(2, "内科党支部"), (3, "外科党支部")]
