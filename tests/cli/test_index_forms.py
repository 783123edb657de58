"""The forms of a round: anonymous, read back by import, and a form handed in twice replaces what it said."""

from pathlib import Path

import openpyxl
import pytest

pytestmark = pytest.mark.usefixtures("first_edition")


@pytest.fixture
def forms(branch, prepared, tmp_path: Path):

    def make() -> None:
        branch("service", "add", "--kind", "义诊", "--on", "2026-08-15", "--title", "义诊", "--member", "张三")
        done = branch("index", "forms", "2026Q3", "--out", tmp_path)
        assert (done.code, done.err) == (0, "")

    prepared("forms", make)
    return tmp_path


def answer(path: Path, scores: dict[str, object], **other: object) -> None:
    """Fill in a form: scores by name; a rater's code by `rater`."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    head = next(row for row in sheet.iter_rows() if any(cell.value == "得分" for cell in row))
    places = {cell.value: cell.column for cell in head}
    named = places.get("姓名") or places["被评议人"]
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        name = sheet.cell(row[0].row, named).value
        if name in scores:
            sheet.cell(row[0].row, places["得分"]).value = scores[name]
    if "rater" in other:
        place = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("评议人："))
        place.value = f"评议人：{other['rater']}"
    book.save(path)


def peer_forms(folder: Path) -> dict[str, Path]:
    """Whose form is whose, by the list for handing out."""
    sheet = openpyxl.load_workbook(folder / "神经内科党支部互评表发放单.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return {row[1]: folder / "神经内科党支部互评表" / row[2] for row in rows if str(row[2]).startswith("互评表-")}


def test_a_peer_form_names_everybody_so_that_nobody_is_missing(forms: Path) -> None:
    found = peer_forms(forms)
    assert sorted(found) == ["张三", "李四", "王芳(003)", "王芳(004)"]
    sheet = openpyxl.load_workbook(found["张三"]).active
    text = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {"张三", "李四", "王芳(003)", "王芳(004)"} <= set(text)
    assert "张三" not in found["张三"].name


def _own_sheet(path: Path, name: str, scores: dict[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book[name]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "本人打分" for cell in row))
    place = next(cell.column for cell in head if cell.value == "本人打分")
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        if row[0].value in scores:
            sheet.cell(row[0].row, place).value = scores[row[0].value]
    book.save(path)


def test_a_sheet_a_person_with_the_standard_beside_each_adds_up(branch, forms: Path) -> None:
    form = forms / "神经内科党支部自评表（逐项）.xlsx"
    book = openpyxl.load_workbook(form)
    assert book.sheetnames == ["张三", "李四", "王芳(003)", "王芳(004)"]
    rows = [[cell.value for cell in row] for row in book["张三"].iter_rows(min_row=3)]
    assert rows[0] == ["编号", "指标", "性质", "标准", "满分", "本人打分", "说明"]
    study = next(row for row in rows if row[0] == "A1")
    assert study[3:6] == ["10 分 × 实际 ÷ 目标 14，最多 10 分", 10, None]  # 张三 is the secretary
    _own_sheet(form, "张三", {"A1": 9.5, "A2": 3, "B1": "12", "C1": 10})
    _own_sheet(form, "王芳(004)", {"A1": 0})
    done = branch("import", form, "--json")
    assert done.code == 0, done.err
    assert [sheet["rows"]["added"] for sheet in done.json["files"][0]["sheets"] if sheet["ledger"]] == [1, 0, 0, 1]
    own = {
        name: branch("index", "explain", name, "2026Q3", "--json").json["parts"]["self"]
        for name in ("001", "002", "004")
    }
    assert own == {"001": "34.5", "002": None, "004": "0"}  # not filled in is no score, and a 0 is one


@pytest.mark.parametrize("score", [11, -1, "好"])
def test_an_answer_above_the_most_or_no_number_is_a_problem(branch, forms: Path, score: object) -> None:
    form = forms / "神经内科党支部自评表（逐项）.xlsx"
    _own_sheet(form, "张三", {"A1": score, "A2": 3})
    done = branch("import", form)
    assert done.code == 4
    assert "A1 的打分不是 0 到满分之间的数字" in done.out + done.err


def test_a_committee_that_adjusts_is_asked_what_it_adds_and_why(branch, tmp_path: Path) -> None:
    assert branch("settings", "set", "org", "调整分").code == 0
    branch("service", "add", "--kind", "义诊", "--on", "2026-08-15", "--title", "义诊", "--member", "张三")
    assert branch("index", "forms", "2026Q3", "--out", tmp_path / "f").code == 0
    form = tmp_path / "f" / "神经内科党支部组织评定表.xlsx"
    book = openpyxl.load_workbook(form)
    sheet = book.active
    assert book.sheetnames == ["组织加减分"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "加减分" for cell in row))
    assert [cell.value for cell in head] == [
        "序号",
        "姓名",
        "记录得分",
        "本人自评",
        "互评均分",
        "主要佐证",
        "加减分",
        "理由",
    ]
    row = next(row for row in sheet.iter_rows() if row[1].value == "张三")
    row[6].value, row[7].value = 2, "抢救"
    book.save(form)
    done = branch("import", form)
    assert done.code == 0, done.err
    told = branch("index", "explain", "张三", "2026Q3", "--json").json
    assert float(told["parts"]["org"]) == float(told["obj"]) + 2


def test_the_masses_rate_where_the_scheme_has_that_part(branch, tmp_path: Path) -> None:
    assert branch("index", "compute", "2026Q3", "--scheme", "20-40-20-20").code == 0
    assert branch("index", "forms", "2026Q3", "--out", tmp_path / "f").code == 0
    form = tmp_path / "f" / "神经内科党支部群众评议表.xlsx"
    answer(form, {"张三": 91})
    assert branch("import", form).code == 0
    assert branch("index", "explain", "张三", "2026Q3", "--json").json["parts"]["masses"] == "91"


def test_colleagues_measure_themselves_and_no_member_s_score_moves(branch, forms: Path) -> None:
    form = forms / "神经内科党支部群众对标表.xlsx"
    before = branch("index", "list", "2026Q3", "--json").json
    book = openpyxl.load_workbook(form)
    sheet = book["对标汇总"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "对象" for cell in row))
    for heading, value in (
        ("对象", "卒中中心"),
        ("指标", "群众对标均分"),
        ("期间", "2026Q3"),
        ("实际值", 88),
        ("单位", "分"),
    ):
        column = next(cell.column for cell in head if cell.value == heading)
        sheet.cell(head[0].row + 1, column).value = value
    book.save(form)
    assert branch("import", form).code == 0
    (figure,) = branch("report", "2026Q3", "metric", "--json").json["figures"]
    assert (figure["id"], figure["value"], figure["unit"]) == ("metric.群众对标均分", 88, "分")
    assert branch("index", "list", "2026Q3", "--json").json == before


def test_forms_come_back_through_import(branch, forms: Path) -> None:
    answer(forms / "神经内科党支部自评表.xlsx", {"张三": 95, "李四": 90})
    answer(forms / "神经内科党支部组织评定表.xlsx", {"李四": 88})
    found = peer_forms(forms)
    answer(found["李四"], {"张三": 88, "王芳(003)": 80})
    answer(found["王芳(003)"], {"张三": 92})
    files = [
        forms / "神经内科党支部自评表.xlsx",
        forms / "神经内科党支部组织评定表.xlsx",
        found["李四"],
        found["王芳(003)"],
    ]
    done = branch("import", *files, "--json")
    assert done.code == 0, done.err
    sheets = [sheet for file in done.json["files"] for sheet in file["sheets"]]
    assert [sheet["rows"]["added"] for sheet in sheets] == [2, 1, 2, 1]
    assert [sheet["extras"] for sheet in sheets] == [[], [], [], []]
    parts = branch("index", "explain", "张三", "2026Q3", "--json").json["parts"]
    assert (parts["self"], parts["peer"]) == ("95", "90")
    again = branch("import", *files, "--json").json
    assert all(
        sheet["rows"]["added"] == sheet["rows"]["changed"] == 0 for file in again["files"] for sheet in file["sheets"]
    )


def test_a_form_handed_in_again_replaces(branch, forms: Path) -> None:
    found = peer_forms(forms)
    for first in (70, 90):
        answer(found["李四"], {"张三": first})
        answer(found["王芳(003)"], {"张三": 90})
        assert branch("import", found["李四"], found["王芳(003)"]).code == 0
    assert branch("index", "explain", "张三", "2026Q3", "--json").json["parts"]["peer"] == "90"


def test_faulty_forms_are_problems(branch, forms: Path) -> None:
    found = peer_forms(forms)
    answer(found["李四"], {"张三": 101})
    done = branch("import", found["李四"], "--json")
    assert (done.code, done.json["written"]) == (4, False)
    code = openpyxl.load_workbook(found["李四"])
    words = (str(cell.value) for row in code.active.iter_rows() for cell in row)
    rater = next(word.removeprefix("评议人：") for word in words if word.startswith("评议人："))
    answer(found["张三"], {"李四": 90}, rater=rater)
    problems = branch("import", found["张三"], "--json").json["files"][0]["sheets"][0]["problems"]
    assert [one["message"] for one in problems] == ["互评不能评自己，请去掉这一行"]
    answer(found["张三"], {"李四": 90}, rater="匿名-0123456789")
    problems = branch("import", found["张三"], "--json").json["files"][0]["sheets"][0]["problems"]
    assert "不是本数据库发出的" in problems[0]["message"]


def test_no_forms_for_nobody(branch, tmp_path: Path) -> None:
    assert branch("index", "forms", "2007Q3", "--out", tmp_path).code == 3


def test_the_form_of_a_namesake_comes_back_too(branch, tmp_path: Path) -> None:
    """One of two who bear a name rates the other, alone of that name on the form; a third has no 工号 at all."""
    person = ("--name", "王芳", "--category", "正式党员", "--joined-on", "2011", "--born-on", "1980-01-02")
    assert branch("member", "add", *person, "--staff-no", "005").code == 0
    assert branch("member", "edit", "005", "--clear", "staff-no").code == 0
    branch("service", "add", "--kind", "义诊", "--on", "2026-08-15", "--title", "义诊", "--member", "张三")
    assert branch("index", "forms", "2026Q3", "--out", tmp_path).code == 0
    found = peer_forms(tmp_path)
    assert sorted(found) == ["张三", "李四", "王芳(003)", "王芳(004)", "王芳(编号5)"]
    scores = {"张三": 91, "李四": 92, "王芳(003)": 93, "王芳(004)": 94, "王芳(编号5)": 95}
    whose = {path: name for name, path in found.items()}
    for path in (*found.values(), tmp_path / "神经内科党支部自评表.xlsx"):
        answer(path, {name: score for name, score in scores.items() if name != whose.get(path)})
        done = branch("import", path, "--json").json["files"][0]["sheets"][0]
        assert (done["rows"]["problem"], done["rows"]["added"]) == (0, 5 if "自评" in path.name else 4)
    assert branch("index", "explain", "王芳(编号5)", "2026Q3", "--json").json["parts"]["peer"] == "95"


def test_the_folder_comes_back_whole_with_the_list_of_who_got_which(branch, tmp_path: Path) -> None:
    folder = tmp_path / "表"
    branch("index", "forms", "2026Q3", "--out", folder)
    answer(folder / "神经内科党支部自评表.xlsx", {"张三": 95, "李四": 90})
    found = peer_forms(folder)
    answer(found["李四"], {"张三": 80})  # the others come back as they were handed out
    done = branch("import", folder, "--json")
    assert done.code == 0, done.err
    lists = [one for one in done.json["files"] if "发放单" in one["file"]]
    assert [(sheet["ledger"], "互评表发放单" in sheet["reason"]) for one in lists for sheet in one["sheets"]] == [
        (None, True)
    ]
    assert sum(sheet["rows"]["added"] for one in done.json["files"] for sheet in one["sheets"] if sheet["ledger"]) == 3
    alone = branch("import", folder / "神经内科党支部互评表发放单.xlsx")
    assert (alone.code, "互评表发放单，不是要导入的台账" in alone.err) == (3, True)
