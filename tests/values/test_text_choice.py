"""Text, names, choices, yes or no, and what holds for every kind."""

from datetime import datetime
from enum import StrEnum

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.kind import DateCell, ErrorCell, Kind, NumberCell, Raw
from partybuild_cli.values.number import CountKind, Number
from partybuild_cli.values.people import IdNumber
from partybuild_cli.values.period import Day, PeriodKind, QuarterKind
from partybuild_cli.values.text import Choice, Name, Text, YesNo, is_blank, normalise, tight


class Category(StrEnum):
    FULL = "正式党员"
    PROBATIONARY = "预备党员"


CATEGORY = Choice(Category, {"中共党员": "正式党员"})
KINDS: list[Kind] = [
    Text(),
    Name(),
    Day(),
    Day(range_allowed=True),
    Number("小时", ("学时",)),
    Number("万元"),
    Number("%", minimum=None),
    CountKind(),
    CATEGORY,
    YesNo(),
    IdNumber(),
    PeriodKind(),
    QuarterKind(),
]
MARKS = "0123456789.-/年月日至~约近余多以上万千百十二三人次:（）()%Xx*=Q季度第上半 \n\t\x1b\u200b¥¨、，"
RAW = st.one_of(
    st.none(),
    st.booleans(),
    st.text(),
    st.text(MARKS, max_size=14),
    st.integers(),
    st.integers(1800, 21001231),
    st.floats(),
    st.floats(0, 10**6),
    st.builds(DateCell, st.datetimes(), st.sampled_from(["day", "month", "year"])),
    st.builds(NumberCell, st.floats() | st.integers(), st.text(MARKS, max_size=8)),
    st.builds(ErrorCell, st.just("#DIV/0!")),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@given(raw=RAW)
@example(raw=NumberCell(float("nan"), "x"))
@example(raw="9" * 5000)
@example(raw=10**400)
@example(raw="\ud800")
def test_any_cell_is_a_value_that_stays_or_a_problem(kind: Kind, raw: Raw) -> None:
    try:
        value = kind.parse(raw)
    except ValueProblem:
        return
    stored = kind.encode(value)
    assert len(stored) == len(kind.parts("key"))
    assert kind.decode(stored) == value
    if value is not None:
        assert kind.parse(kind.text(value)) == value


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_a_failed_formula_is_a_problem_for_every_kind(kind: Kind) -> None:
    with pytest.raises(ValueProblem, match="#REF!"):
        kind.parse(ErrorCell("#REF!"))


@pytest.mark.parametrize("blank", [None, "", " ", "\u3000", "无", "—", "——", "–", "-", "－", "/", "N/A"])
def test_blank_words(blank: Raw) -> None:
    assert is_blank(blank)
    assert all(kind.parse(blank) is None for kind in KINDS if not isinstance(kind, YesNo))


def test_normal_forms() -> None:
    assert normalise(" （⼊党）\x1b[31m１ ") == "(入党)1"
    assert tight("身份证\n号 码") == "身份证号码"


@given(st.text())
def test_normal_forms_are_stable(text: str) -> None:
    assert tight(tight(text)) == tight(text)
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  学习“二十大”，讨论；\r\n表决 ", "学习“二十大”，讨论；\n表决"),
        ("甲\x1b[31m乙\x00", "甲乙"),
        (42, "42"),
        (42.0, "42"),
        (0.1 + 0.2, "0.3"),
        (NumberCell(42, "00042"), "00042"),
        (DateCell(datetime(2026, 9, 5), "month"), "2026-09"),
        (15409711647, "15409711647"),
    ],
)
def test_text_stays_as_typed(raw: Raw, expected: str) -> None:
    assert Text().parse(raw) == expected


@pytest.mark.parametrize("raw", [1e15, 10**15, 1e-7, "1.199E+17", "=1+1", NumberCell(1e17, "0"), "\udc80"])
def test_text_refuses_lost_digits_and_formulas(raw: Raw) -> None:
    with pytest.raises(ValueProblem):
        Text().parse(raw)


def test_scientific_notation_is_said_to_be_just_that() -> None:
    with pytest.raises(ValueProblem, match=r"科学计数，原来的数字已无法知道.*文本格式") as found:
        Text().parse("1.2E+05")
    assert "15位" not in str(found.value)


def test_names() -> None:
    names = ["张 三", "阿·买买提", "阿•买买提", "John  Smith", "⽉明"]
    assert [Name().parse(name) for name in names] == ["张三", "阿·买买提", "阿·买买提", "John Smith", "月明"]
    for raw in (123, "张三、李四", "???"):
        with pytest.raises(ValueProblem):
            Name().parse(raw)


def test_a_choice_is_a_word_or_a_listed_synonym() -> None:
    assert CATEGORY.parse("正式 党员") == CATEGORY.parse("中共党员") == "正式党员"
    assert CATEGORY.parse("预备党员") == "预备党员"
    with pytest.raises(ValueProblem, match="请填写：正式党员、预备党员"):
        CATEGORY.parse("党外")


def test_a_long_list_of_choices_is_cut() -> None:
    with pytest.raises(ValueProblem) as caught:
        Choice([f"词{number}" for number in range(20)]).parse("x")
    assert caught.value.sentence.endswith("词11等")


def test_yes_and_no() -> None:
    assert all(YesNo().parse(raw) is True for raw in ("是", "√", "✓", "✔", "Y", "有", 1, "１", True))
    assert all(YesNo().parse(raw) is False for raw in ("否", "×", "N", "无", 0, "false", False))
    assert YesNo().parse("—") is None
    with pytest.raises(ValueProblem):
        YesNo().parse("也许")


def test_no_message_quotes_a_whole_id_number() -> None:
    number = "119900198001010016"
    for kind in KINDS:
        if isinstance(kind, Text | IdNumber):
            continue
        with pytest.raises(ValueProblem) as caught:
            kind.parse(number)
        assert number not in caught.value.sentence
