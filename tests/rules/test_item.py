"""The catalogue of checks, and the items that every check gives."""

import pytest

from partybuild_cli.rules.item import State, catalogue, counts_item, item, judged, listed, ratio_item

IDS = [
    *(f"Z{n}" for n in range(1, 8)),
    *(f"B{n}" for n in range(1, 10)),
    *(f"D{n}" for n in range(1, 10)),
    *(f"E{n}" for n in range(1, 9)),
]


def test_the_catalogue_is_whole() -> None:
    assert list(catalogue()) == IDS
    heads = list(dict.fromkeys(check.head for check in catalogue().values()))
    assert heads == ["政治功能", "支部班子", "党员队伍", "作用发挥"]
    assert all(check.name and check.article and check.remedy for check in catalogue().values())


def test_a_local_number_never_passes_for_a_national_one() -> None:
    assert "全国无统一数字" in item("Z5", "甲支部", State.MET, "").article
    assert "全国无统一数字" not in item("Z2", "甲支部", State.MET, "").article


@pytest.mark.parametrize(
    ("state", "remedy"), [(State.MET, False), (State.NOT_APPLICABLE, False), (State.UNMET, True), (State.NO_DATA, True)]
)
def test_a_remedy_stands_where_something_is_lacking(state: State, remedy: bool) -> None:
    assert bool(item("Z2", "甲支部", state, "").remedy) is remedy
    assert item("Z2", "甲支部", state, "", remind=True).remedy


def test_one_failure_outweighs_what_is_unknown() -> None:
    assert [judged(0, 0), judged(0, 1), judged(1, 1)] == [State.MET, State.NO_DATA, State.UNMET]


@pytest.mark.parametrize(
    ("done", "due", "state"),
    [(3, 4, State.UNMET), (4, 4, State.MET), (0, 0, State.NOT_APPLICABLE), (None, 4, State.NO_DATA)],
)
def test_ratio(done: int | None, due: int | None, state: State) -> None:
    assert ratio_item("E4", "甲支部", done, due, "个病区").state is state


def test_counts() -> None:
    found = counts_item("E2", "甲支部", {"义诊": 12, "健康讲座": 0}, "次")
    assert (found.state, found.figure) == (State.MET, "义诊12次，健康讲座0次")
    assert counts_item("E2", "甲支部", {"义诊": 0}, "次").state is State.NO_DATA
    assert counts_item("E2", "甲支部", {}, "次").figure == "没有记录"


def test_long_lists_say_how_many() -> None:
    assert listed("甲乙丙丁戊") == "甲、乙、丙、丁、戊"
    assert listed("甲乙丙丁戊己") == "甲、乙、丙、丁、戊等6项"
