"""Id numbers, lists of people and masking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values import IdNumber
from partybuild_cli.values.kind import NumberCell, Raw
from partybuild_cli.values.people import (
    Person,
    birth_day,
    check_digit,
    format_people,
    is_masked,
    mask_id,
    mask_name,
    mask_phone,
    sex,
    split_people,
)

ID = IdNumber()
FIRST = st.builds(
    lambda day, order: f"119900{day:%Y%m%d}{order:03d}", st.dates().filter(lambda d: 1900 <= d.year <= 2100),
    st.integers(0, 999),
)  # fmt: skip


@given(FIRST, st.integers(0, 17), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(first: str, place: int, shift: int) -> None:
    number = first + check_digit(first)
    assert ID.parse(number.lower()) == number
    letters = "0123456789X" if place == 17 else "0123456789"
    wrong = letters[(letters.index(number[place]) + shift) % len(letters)]
    with pytest.raises(ValueProblem) as caught:
        ID.parse(number[:place] + wrong + number[place + 1 :])
    assert number[6:14] not in caught.value.sentence


def test_the_standard_example_and_what_it_says() -> None:
    assert ID.parse("11010519491231002x") == "11010519491231002X"
    assert (birth_day("11010519491231002X"), sex("11010519491231002X")) == ("1949-12-31", "女")


@pytest.mark.parametrize("raw", ["119900800101001", 119900800101001])
def test_fifteen_digits_are_carried_over(raw: Raw) -> None:
    assert ID.parse(raw) == "119900198001010016"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (1.19900198001010e17, "丢失"),
        (119900198001010010, "丢失"),
        (NumberCell(119900198001010010, "119900198001010010"), "丢失"),
        ("1.199E+17", "科学计数"),
        ("119900198001010015", "校验码"),
        ("119900198013010016", "出生日期"),
        ("119900********0016", "遮盖"),
        ("12345", "18位"),
    ],
)
def test_what_is_no_id_number_says_why(raw: Raw, said: str) -> None:
    with pytest.raises(ValueProblem, match=said):
        ID.parse(raw)


ROSTER = {"张三", "李四", "王芳", "欧阳明月", "John Smith"}


def people(text: str) -> list[tuple[str, str | None]]:
    return [(one.name, one.reason) for one in split_people(text, ROSTER.__contains__)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三、李四，王芳；赵六/钱七\n孙八", ["张三", "李四", "王芳", "赵六", "钱七", "孙八"]),
        ("张 三", ["张三"]),
        ("王芳 李四", ["王芳", "李四"]),
        ("张 三 李 四", ["张三", "李四"]),
        ("赵 六 钱 七", ["赵六", "钱七"]),
        ("王 小 明", ["王小明"]),
        ("欧阳 明月", ["欧阳明月"]),
        ("John Smith、张三", ["John Smith", "张三"]),
        ("请假：张三", ["张三"]),
        ("缺席2人：张三、李四", ["张三", "李四"]),
        ("张三、李四，共2人", ["张三", "李四"]),
        ("张三、李四等2人", ["张三", "李四"]),
        ("—", []),
        ("无", []),
    ],
)
def test_names_in_one_cell(text: str, expected: list[str]) -> None:
    assert people(text) == [(name, None) for name in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三（值班、手术）；李四(进修)", [("张三", "值班、手术"), ("李四", "进修")]),
        ("张三(值班)李四【手术】", [("张三", "值班"), ("李四", "手术")]),
        ("王芳 李四（值班）", [("王芳", None), ("李四", "值班")]),
        ("张三:值班、李四：手术", [("张三", "值班"), ("李四", "手术")]),
        ("张三—值班", [("张三", "值班")]),
        ("张三（值班）\n李四", [("张三", "值班"), ("李四", None)]),
        ("请假（1人）：张三（值班）；缺席：李四", [("张三", "值班"), ("李四", "缺席")]),
        ("王芳；缺席：李四", [("王芳", None), ("李四", "缺席")]),
    ],
)
def test_reasons_stay_with_their_names(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert people(text) == expected


@pytest.mark.parametrize("text", ["张三等", "李四等5人", "缺席2人：张三", "共3人", "张三（值班", "（值班）"])
def test_a_list_that_leaves_names_out_is_a_problem(text: str) -> None:
    with pytest.raises(ValueProblem):
        people(text)


WORD = st.text("赵钱孙周吴郑", min_size=2, max_size=3)


@given(st.lists(st.builds(Person, WORD, st.none() | st.sampled_from(["值班", "手术、值班", "外出(会诊)"]))))
def test_people_written_read_back(listed: list[Person]) -> None:
    assert split_people(format_people(listed), lambda name: False) == listed


@given(st.text("张三李四、，（）()请假:： 等共2人\n-", max_size=20))
def test_any_text_is_people_or_a_problem(text: str) -> None:
    try:
        found = split_people(text, ROSTER.__contains__)
    except ValueProblem:
        return
    assert all(one.name for one in found)


def test_masks() -> None:
    assert mask_id("11990019800101002X") == "119900********002X"
    assert mask_phone("15400001234") == "154****1234"
    names = ["张三", "张小明", "欧阳明月", "阿·买买提"]
    assert [mask_name(name) for name in names] == ["张*", "张*明", "欧**月", "阿·***"]
    assert is_masked("119900********002X")
    assert not is_masked("11990019800101002X")
