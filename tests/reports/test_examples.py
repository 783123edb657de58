"""The example workbooks that ship: each is read without a question, and adds up to the figures of its article."""

import importlib.util
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from partybuild_cli.sheets.reading import read_book

#: File -> the branch that its book begins with, the period, and figures by id: value, or value and of what.
EXPECTED = {
    "神经内科党支部2024年.xlsx": (
        ("云溪医院神经内科党支部", "党支部"),
        "2024",
        {
            "members.total": 35,
            "members.degree.博士": 4,
            "members.degree.硕士": 30,
            "members.postgraduate_share": ("97.1", "34/35"),
            "task.area.党建业务融合制度": 12,
            "task.closure_rate": ("100", "12/12"),
            "metric.关键技术开展率": 100,
            "honor.count.国家级": 2,
        },
    ),
    "检验科党支部2019年上半年.xlsx": (
        ("望湖医院检验科党支部", "党支部"),
        "2019H1",
        {
            "service.count.义诊": 12,
            "service.count.健康讲座": 10,
            "service.count.医疗保障": 4,
            "service.count.上门走访": 5,
            "service.turnout": 1029,
            "service.people": 42,
            "service.people_served": {"value": 50000, "qualifier": ">"},
            "service.participation_rate": ("100", "42/42"),
        },
    ),
    "传染病医院2021年.xlsx": (
        ("北岸传染病医院党委", "党委"),
        "2021",
        {
            "task.areas": 9,
            "task.items": 54,
            "decision.count": 198,
            "decision.consultations": 46,
            "decision.opinions": 136,
            "development.count": 22,
            "development.clinical_share": ("86.4", "19/22"),
            "service.count.义诊": 20,
            "service.places.义诊": 20,
            "service.people_served.义诊": 11500,
            "branch.brands": 4,
            "branch.double_leader_rate": ("100", "4/4"),
            "metric.患者满意度": "98.2",
            "metric.筛查": 104396,
            "metric.筛查.rate": ("104.4", "104396/100000"),
        },
    ),
    "卫生院党支部2023年.xlsx": (
        ("青石镇卫生院党支部", "党支部"),
        "2023",
        {"members.formal": 7, "development.activists": 1, "pairing.count": 4, "pairing.visited_rate": ("100", "4/4")},
    ),
    "心血管与全科党总支2018年.xlsx": (
        ("河洲医院心血管与全科党总支", "党总支"),
        "2018",
        {
            "branch.count": 3,
            "zone.count": 7,
            "zone.wards": 7,
            "service.people_served.其他": {"value": 600, "qualifier": "余"},
            "service.people_served.培训": {"value": 1000, "qualifier": "余"},
            "honor.title.优秀共产党员": 2,
            "honor.winners": 26,
        },
    ),
}


@pytest.fixture
def imported(cli):
    """A book with one of the examples in it."""

    def call(name):
        (branch, kind), period, _ = EXPECTED[name]
        assert cli("init", "--branch", branch, "--kind", kind).code == 0
        with as_file(files("partybuild_cli") / "examples" / name) as path:
            done = cli("import", path, "--json")
        assert done.code == 0, done.err
        sheets = done.json["files"][0]["sheets"]
        assert all(sheet["ledger"] and not sheet["problems"] and not sheet["extras"] for sheet in sheets)
        assert not [warning for sheet in sheets for warning in sheet["warnings"]]
        return period

    return call


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_adds_up_to_its_figures(cli, imported, name):
    period = imported(name)
    found = {one["id"]: one for one in cli("report", period, "--json").json["figures"]}
    wanted = EXPECTED[name][2]
    told = {
        id: found[id]["value"] if found[id]["of"] is None else (found[id]["value"], found[id]["of"]) for id in wanted
    }
    assert told == wanted
    assert all(found[id]["definition"] and found[id]["records"] for id in wanted)


def test_more_than_a_thousand_and_more_than_fifty_thousand(cli, imported):
    period = imported("检验科党支部2019年上半年.xlsx")
    found = {one["id"]: one["value"] for one in cli("report", period, "--json").json["figures"]}
    assert found["service.turnout"] > 1000
    assert ">50000 人次" in cli("report", period).out


@pytest.mark.parametrize(("period", "members"), [("2019", 3), ("2022", 3), ("2023Q1", 4), ("2023H1", 5), ("2023", 7)])
def test_the_township_branch_grew_from_three_members_to_seven(cli, imported, period, members):
    imported("卫生院党支部2023年.xlsx")
    found = {one["id"]: one["value"] for one in cli("report", period, "--json").json["figures"]}
    assert (found["members.total"], found["members.formal"]) == (members, members)
    size = next(one for one in cli("check", period, "--json").json["items"] if one["id"] == "D1")
    assert size["figure"] == f"党员{members}人，其中正式党员{members}人"


def test_seven_full_members_ask_for_a_committee(cli, imported):
    period = imported("卫生院党支部2023年.xlsx")
    found = {one["id"]: one for one in cli("check", period, "--json").json["items"]}
    assert found["B1"]["state"] == "未达标"
    assert found["B1"]["figure"] == "正式党员7人，委员1人，应设3至5人的支部委员会"
    assert found["B6"]["state"] == "达标"


def test_whoever_was_admitted_went_through_the_steps_in_time(cli, imported):
    period = imported("传染病医院2021年.xlsx")
    items = [one for one in cli("check", period, "--json").json["items"] if one["id"] in ("D6", "B9")]
    assert {one["id"]: one["figure"].partition("，")[0] for one in items if one["branch"] == "医技党支部"} == {
        "B9": "5/5 次表决有效通过",
        "D6": "5人",
    }
    assert not [one for one in items if one["state"] == "未达标"]


def _script():
    path = Path(__file__).parents[1] / "fixtures" / "make_examples.py"
    spec = importlib.util.spec_from_file_location("make_examples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_ships_is_what_the_script_makes(tmp_path):
    script = _script()
    script.make(tmp_path)
    shipped = {path.name: path for path in script.FOLDER.glob("*.xlsx")}
    assert set(shipped) == set(EXPECTED)
    for name, path in shipped.items():
        made, kept = read_book(tmp_path / name), read_book(path)
        assert [(sheet.name, sheet.rows) for sheet in made.sheets] == [
            (sheet.name, sheet.rows) for sheet in kept.sheets
        ]
