"""The catalogue of checks, and what every check gives."""

import re

import pytest

from partybuild_cli.rules.check import CHAPTERS
from partybuild_cli.rules.item import ASKED, Result, State, catalogue, counts, judged, listed, ratio

IDS = [
    *(f"Z{n}" for n in range(1, 8)),
    *(f"B{n}" for n in range(1, 10)),
    *(f"D{n}" for n in range(1, 13)),
    *(f"E{n}" for n in range(1, 9)),
]


def test_the_catalogue_is_whole_and_every_check_is_answered() -> None:
    assert CHAPTERS
    assert list(catalogue()) == IDS
    assert set(ASKED) == set(IDS)
    heads = list(dict.fromkeys(check.head for check in catalogue().values()))
    assert heads == ["政治功能", "支部班子", "党员队伍", "作用发挥"]
    assert all(check.name and check.article and check.remedy for check in catalogue().values())


def test_a_local_number_never_passes_for_a_national_one() -> None:
    assert "全国无统一数字" in catalogue()["Z5"].basis
    assert "全国无统一数字" not in catalogue()["Z2"].basis


def test_what_cites_a_regulation_holds_since_it_is_in_force() -> None:
    for check in catalogue().values():
        if re.search("支部工作条例|教育管理工作条例|党费收缴", check.article):
            assert check.begins is not None, check.id


def test_one_failure_outweighs_what_is_unknown() -> None:
    assert [judged(0, 0), judged(0, 1), judged(1, 1)] == [State.MET, State.NO_DATA, State.UNMET]


@pytest.mark.parametrize(
    ("done", "due", "state"), [(3, 4, State.UNMET), (4, 4, State.MET), (0, 0, State.NOT_APPLICABLE)]
)
def test_ratio(done: int, due: int, state: State) -> None:
    assert ratio(done, due, "个病区").state is state


def test_counts() -> None:
    found = counts({"义诊": 12, "健康讲座": 0}, "次")
    assert (found.state, found.figure) == (State.MET, "义诊12次，健康讲座0次")
    assert counts({"义诊": 0}, "次").state is State.NO_DATA
    assert counts({}, "次").figure == "没有记录"


def test_a_line_says_how_many_and_the_whole_figure_names_all() -> None:
    assert listed("甲乙丙丁戊", 5) == "甲、乙、丙、丁、戊"
    assert listed("甲乙丙丁戊己", 5) == "甲、乙、丙、丁、戊等6项"
    found = Result(State.UNMET, "0/6", (("；缺：", "甲乙丙丁戊己"), ("；另：", ())))
    assert found.text(5) == "0/6；缺：甲、乙、丙、丁、戊等6项"
    assert found.text() == "0/6；缺：甲、乙、丙、丁、戊、己"
