"""Numbers with units, and counts with their qualifiers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values import Count, CountKind, Number
from partybuild_cli.values.kind import NumberCell, Raw

HOURS = Number("小时", ("学时", "h"))
MONEY = Number("元", ("块",), places=2)
TEN_THOUSANDS = Number("万元")
PERCENT = Number("%")
COUNT = CountKind()


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (HOURS, "2.5小时", "2.5"),
        (HOURS, "32 学时", "32"),
        (HOURS, "２．５", "2.5"),
        (HOURS, "1,234.50", "1234.5"),
        (HOURS, 0.1 + 0.2, "0.3"),
        (HOURS, NumberCell(12.5, "12.50"), "12.5"),
        (HOURS, NumberCell(1 / 3, "0.33"), "0.33"),
        (MONEY, "28元", "28"),
        (MONEY, "￥1,028.5", "1028.5"),
        (MONEY, "1.2万元", "12000"),
        (TEN_THOUSANDS, "135", "135"),
        (TEN_THOUSANDS, "135万元", "135"),
        (TEN_THOUSANDS, "1350000元", "135"),
        (PERCENT, "85%", "85"),
        (PERCENT, NumberCell(0.855, "86%"), "85.5"),
        (Number(minimum=None), "-3", "-3"),
    ],
)
def test_numbers_with_units(kind: Number, raw: Raw, expected: str) -> None:
    assert kind.parse(raw) == Decimal(expected)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("半天", "不是能识别的数字"),
        ("1,5", "不是能识别的数字"),
        ("1 2", "不是能识别的数字"),
        ("约3", "不是确数"),
        (">3", "不是确数"),
        ("-1", "负数"),
        (-1, "负数"),
        (1 / 3, "小数超过4位"),
        ("1.23456", "小数超过4位"),
        (NumberCell(0.85, "85%"), "百分数"),
        (1e15, "末尾"),
        ("9999999999999", "太大"),
        (float("inf"), "有效"),
        (True, "是或否"),
    ],
)
def test_what_is_no_number_says_why(raw: Raw, said: str) -> None:
    with pytest.raises(ValueProblem, match=said):
        HOURS.parse(raw)


def test_a_number_keeps_its_bounds() -> None:
    assert Number("分", maximum=Decimal(100)).parse("93分") == 93
    with pytest.raises(ValueProblem, match="上限100"):
        Number("分", maximum=Decimal(100)).parse(101)


def test_money_always_shows_its_places() -> None:
    assert MONEY.text(Decimal("96.6")) == "96.60"
    assert MONEY.text(Decimal("0.0125")) == "0.0125"
    assert MONEY.json(Decimal("96.60")) == "96.6"


@given(st.decimals(0, 10**11, places=4))
def test_a_number_survives_text_and_store(number: Decimal) -> None:
    for kind in (HOURS, MONEY, TEN_THOUSANDS):
        assert kind.parse(kind.text(number)) == number
        stored = kind.encode(number)
        assert isinstance(stored[0], int)
        assert kind.decode(stored) == number


@pytest.mark.parametrize(
    ("raw", "value", "qualifier"),
    [
        (320, 320, None),
        ("1.15万人次", 11500, None),
        ("3000余", 3000, "余"),
        ("300余人次", 300, "余"),
        ("十余次", 10, "余"),
        ("百余人", 100, "余"),
        ("30余万人次", 300000, "余"),
        ("300多", 300, "多"),
        (">1000", 1000, ">"),
        ("＞1000", 1000, ">"),
        ("超过1000", 1000, ">"),
        ("1000以上", 1000, "以上"),
        ("300人以上", 300, "以上"),
        ("≥30", 30, "≥"),
        ("约40", 40, "约"),
        ("近400", 400, "近"),
        ("约1万人次", 10000, "约"),
        ("不足50人", 50, "<"),
        ("二十三", 23, None),
        ("三百", 300, None),
        ("两千", 2000, None),
        ("一千零二十", 1020, None),
        ("一百零二", 102, None),
        ("三万五千", 35000, None),
        ("十二万", 120000, None),
        ("15场", 15, None),
        ("1,234", 1234, None),
        (NumberCell(420, "420人"), 420, None),
    ],
)
def test_counts_keep_their_qualifier(raw: Raw, value: int, qualifier: str | None) -> None:
    count = Count(value, qualifier)
    assert COUNT.parse(raw) == count
    assert COUNT.parse(COUNT.text(count)) == count
    assert COUNT.decode(COUNT.encode(count)) == count


@pytest.mark.parametrize("raw", ["2.5", 2.5, "一百二", "三万五", "几十人", "约300余", "1 2", -1, 1e20, True])
def test_what_is_no_count_is_a_problem(raw: Raw) -> None:
    with pytest.raises(ValueProblem):
        COUNT.parse(raw)


def test_a_count_takes_two_columns_and_says_so_in_json() -> None:
    assert list(COUNT.parts("people_served")) == ["people_served", "people_served_qualifier"]
    assert COUNT.json(Count(320)) == 320
    assert COUNT.json(Count(300, "余")) == {"value": 300, "qualifier": "余"}


QUALIFIERS = ["约", "近", ">", "≥", "<", "≤", "余", "多", "以上", "左右"]


@given(st.integers(0, 10**11), st.sampled_from(QUALIFIERS), st.sampled_from(["", "人次", "人", "场"]))
def test_no_qualifier_is_dropped(value: int, qualifier: str, unit: str) -> None:
    count = Count(value, qualifier)
    assert COUNT.parse(COUNT.text(count) + unit) == count


@pytest.mark.parametrize("raw", ["3年", "3 年", "３年", "三年", 3])
def test_a_count_with_its_own_unit(raw):
    assert CountKind(unit="年").parse(raw) == Count(3)


def test_a_unit_alone_is_no_count():
    with pytest.raises(ValueProblem, match="不是能识别的数量"):
        CountKind(unit="年").parse("年")
