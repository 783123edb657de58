"""Schemes as files: what ships, what is refused, what the check finds."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.scheme_check import STAFF_KINDS, check_scheme
from partybuild_cli.index.schemes import (
    built_in,
    built_in_schemes,
    built_in_text,
    load_scheme,
    parse_scheme,
    written_out,
)

TEXT = built_in_text("默认方案@1")


def findings(text: str) -> list[str]:
    """What is said of a scheme, by whoever reads it or by the check."""
    try:
        return check_scheme(parse_scheme(text, "本院.toml"))
    except Unfit as fault:
        return [fault.sentence]


def changed(old: str, new: str) -> str:
    """The default scheme with one thing changed, which must be there."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def within(indicator: str, old: str, new: str) -> str:
    """The default scheme with one thing changed after the beginning of an indicator."""
    before, mark, after = TEXT.partition(f'id = "{indicator}"\n')
    assert old in after
    return before + mark + after.replace(old, new, 1)


@pytest.mark.parametrize("scheme", built_in_schemes(), ids=lambda scheme: scheme.id)
def test_a_shipped_scheme_is_sound_and_sums_to_100_in_each_profile(scheme: Scheme) -> None:
    assert check_scheme(scheme) == []
    for kind in (*STAFF_KINDS, None):
        assert sum(one.points for one in scheme.indicators_for(kind)) == 100


def test_the_schemes_that_ship() -> None:
    names = [scheme.key for scheme in built_in_schemes()]
    ids = ("默认方案", "20-40-20-20", "仅记录", "兰大二院", "西溪先锋100")
    assert names == [f"{one}@{version}" for one in ids for version in (2, 1)]
    assert built_in("默认方案") is built_in_schemes()[0]
    assert built_in("默认方案@1") is built_in_schemes()[1]
    assert len(next(scheme for scheme in built_in_schemes() if scheme.id == "兰大二院").dimensions) == 6


def test_a_shipped_scheme_can_be_taken_as_a_file_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "本院.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert load_scheme(path) == built_in("默认方案@1")
    with pytest.raises(NotFound, match="默认方案"):
        built_in_text("没有的方案")


def test_numbers_are_exact_decimals() -> None:
    scheme = parse_scheme(TEXT, "x")
    assert next(one for one in scheme.indicators if one.id == "C3").per == Decimal("2.5")
    assert [part.weight for part in scheme.parts] == [Decimal("0.20"), Decimal("0.30"), Decimal("0.50")]


def test_a_profile_keeps_what_it_does_not_change() -> None:
    scheme = parse_scheme(TEXT, "x")
    office = {one.id: one for one in scheme.indicators_for("行政后勤")}
    clinical = {one.id: one for one in scheme.indicators_for("临床")}
    assert office["D1"] == clinical["D1"].model_copy(update={"points": Decimal(13)})
    assert office["B1"] == clinical["B1"]


FAULTS = [
    (changed("points = 20", "points = 21"), "各维度分值合计 101，应为 100"),
    (within("A1", "points = 10", "points = 9"), "维度 A 政治学习为 20 分，其下指标合计 19 分"),
    (within("A1", "points = 10", "points = 9"), "默认岗位的指标分值合计 99"),
    (changed("points = 13", "points = 12"), "岗位类别 行政后勤 的指标分值合计 99"),
    (changed("[profiles.indicators.D1]", "[profiles.indicators.B1]"), "只有维度 C、D 之内可以按岗位不同"),
    (changed('staff_kinds = ["行政后勤"]', 'staff_kinds = ["行政"]'), "岗位类别“行政”不在花名册"),
    (changed('staff_kinds = ["行政后勤"]', "staff_kinds = []"), "没有写 staff_kinds"),
    (changed('staff_kinds = ["行政后勤"]', 'staff_kinds = ["护理", "护理"]'), "岗位类别“护理”写了 2 次"),
    (changed('measure = "study_hours"', 'measure = "os.system"'), "数据项“os.system”不认识"),
    (changed('rule = "ratio"', 'rule = "guess"'), "“rule”只能是 ratio、share"),
    (changed('rule = "ratio"', 'rule = "share"'), "数据项 study_hours 不能用规则 share"),
    (changed('rule = "ratio"', 'rule = "step"'), "规则 step 用不到 target"),
    (changed("target = 8\n", ""), "规则 ratio 缺少 target"),
    (changed("target = 8\n", "target = 0\n"), "指标 A1 的“target”应当大于 0"),
    (changed('"书记" = 14', '"书记" = 0'), "“target_by_post.书记”应当大于 0"),
    (changed("per = 2.5\n", ""), "规则 minus 缺少 per"),
    (changed("per = 2.5\n", "per = 7\n"), "多于分值 5"),
    (changed("[90, 4], [85, 3]", "[85, 3], [90, 4]"), "steps 应当从高到低"),
    (changed("[95, 5], ", ""), "steps 最高 4 分，与分值 5 不符"),
    (
        changed('kinds = ["支部党员大会"', 'kinds = ["支部大会"'),
        "kinds 里的“支部大会”不是台账里的类别，可用的有：支部党员大会",
    ),
    (changed('kinds = ["义诊"', 'kinds = ["义疹"'), "指标 D2 的 kinds 里的“义疹”不是台账里的类别"),
    (
        changed('kinds = ["党内", "医德"]', 'kinds = ["党建", "医德"]'),
        "加分项“荣誉”的 kinds 里的“党建”不是台账里的类别",
    ),
    (changed('measure = "talks"', 'measure = "talks"\nkinds = ["谈心"]'), "数据项 talks 用不到 kinds"),
    (changed("months = 12", "months = 2.5"), "选项“months”应当是不小于 1 的整数"),
    (changed("months = 12", "months = 0"), "选项“months”应当是不小于 1 的整数"),
    (changed('{ "领学" = 1', '{ "唱歌" = 1'), "“唱歌”数据项 lectures 不会给出"),
    (changed('metric = "患者满意度"', 'metrik = "患者满意度"'), "没有选项“metrik”"),
    (changed('metric = "患者满意度"', 'metrik = "患者满意度"'), "缺少选项“metric”（文字）"),
    (changed("lapse_counts = true", "lapse_counts = 1"), "选项“lapse_counts”应当是true 或 false"),
    (within("A2", "points = 3", "points = 0"), "指标 A2 的“points”应当大于 0"),
    (within("A2", 'dimension = "A"', 'dimension = "Z"'), "维度“Z”没有定义"),
    (changed('id = "A2"', 'id = "A1"'), "指标“A1”写了 2 次"),
    (TEXT.replace('dimension = "E"', 'dimension = "D"'), "维度 E 作用发挥下面没有指标"),
    (changed('profile_dimensions = ["C", "D"]', 'profile_dimensions = ["C", "D", "X"]'), "维度“X”没有定义"),
    (changed('kinds = ["党内", "医德"]', 'kinds = ["党内", "科研"]'), "“科研”在 指标 C4、加分项“荣誉” 重复计算"),
    (changed('"推诿" = 5', '"有效投诉" = 5'), "“有效投诉”在 指标 C3、扣分项“推诿、谈话、批评、弄虚作假” 重复计算"),
    (changed('{ "媒体报道" = 1 }', '{ "锦旗" = 1 }'), "“锦旗”在 加分项“锦旗、表扬信”、加分项“媒体报道” 重复计算"),
    (changed('"违法犯罪",', '"违法犯罪", "推诿",'), "、一票否决 重复计算"),
    (changed('kinds = ["社区服务", "科普"', 'kinds = ["义诊", "科普"'), "“义诊”在 指标 D2、指标 D3 重复计算"),
    (changed('without = ["组织生活会", "民主评议"], ', ""), "“民主评议”在 指标 B5、指标 C1 重复计算"),
    (
        changed('without = ["组织生活会", "民主评议"], ', "").replace('kinds = ["组织生活会", "民主评议"]\n', ""),
        "指标 B5 和 指标 C1 都没有写 kinds",
    ),
    (changed('weight = "0.30"', 'weight = "0.40"'), "各部分权重合计 1.10，应为 1"),
    (changed('weight = "0.30"', 'weight = "0"'), "parts 第 2 项的“weight”应当大于 0"),
    (changed('id = "peer"', 'id = "boss"'), "parts 第 2 项的“id”只能是 self、peer、masses、org、obj"),
    (changed('id = "peer"', 'id = "self"'), "评议部分“self”写了 2 次"),
    (changed("from = 90", "from = 101"), "“from”应当不大于 100"),
    (changed("from = 75", "from = 90"), "轮不到它"),
    (changed("from = 0", "from = 10"), "最后一个档次应当从 0 分起"),
    (TEXT[: TEXT.index("[[bands]]")] + TEXT[TEXT.index("[annual]") :], "最后一个档次应当从 0 分起"),
    (changed('name = "优"', 'name = "优秀"'), "与民主评议的等次同名"),
    (changed('name = "中"', 'name = "良"'), "档次“良”写了 2 次"),
    (changed('from_quarter = "2019Q1"', 'from_quarter = "2019Q5"'), "“from_quarter”应当像 2026Q1"),
    (changed("version = 1", "version = 0"), "“version”应当不小于 1"),
    (changed('missing = "redistribute"', 'missing = "ignore"'), "“missing”只能是 redistribute、zero"),
    (changed("posting_days = 5", "posting_days = 0"), "“posting_days”应当不小于 1"),
    (changed('scope = "group"', 'scope = "ward"'), "peer 的“scope”只能是 group、branch"),
    (changed("trim_from = 5", "trim_from = 2"), "peer 的“trim_from”应当不小于 3"),
    (changed('minimum_share = "0.5"', "minimum_share = 50"), "peer 的“minimum_share”应当不大于 1"),
    (changed("least_quarters = 2", "least_quarters = 5"), "annual 的“least_quarters”应当不大于 4"),
    (changed("excellent_one_in = 3", "excellent_one_in = 2"), "annual 的“excellent_one_in”应当不小于 3"),
    (changed("quarter_floor = 75", "quarter_floor = 175"), "annual 的“quarter_floor”应当不大于 100"),
    (changed("full_coefficient_at = 90", "full_coefficient_at = 0"), "annual 的“full_coefficient_at”应当大于 0"),
    (changed('pay_share = "0.30"', "pay_share = 30"), "annual 的“pay_share”应当不大于 1"),
    (changed("cap = 20", "cap = 200"), "deduction 的“cap”应当不大于 100"),
    (changed('measure = "unexcused"', 'measure = "unknown"'), "扣分项“无故缺席”的数据项“unknown”不认识"),
    (changed('measure = "unexcused"', 'measure = "talks"'), "不按事项计数"),
    (changed('{ "无故缺席" = 2 }', "{}"), "没有写分值"),
    (changed('{ "无故缺席" = 2 }', '{ "无故缺席" = 0 }'), "“each.无故缺席”应当大于 0"),
    (changed('{ "无故缺席" = 2 }', '{ "缺席" = 2 }'), "“缺席”数据项 unexcused 不会给出"),
    (changed('each = { "媒体报道" = 1 }', 'ranges = { "媒体报道" = [3, 1] }'), "从低到高的范围"),
    (changed('each = { "无故缺席" = 2 }', 'ranges = { "无故缺席" = [1, 2] }'), "只有数据项 conduct"),
    (changed('name = "党费逾期"', 'name = "无故缺席"'), "加分扣分项“无故缺席”写了 2 次"),
]


@pytest.mark.parametrize(("text", "finding"), FAULTS, ids=[finding for _, finding in FAULTS])
def test_each_fault_is_found(text: str, finding: str) -> None:
    found = findings(text)
    assert any(finding in one for one in found), found


def test_a_disabled_item_claims_nothing() -> None:
    text = changed('{ "媒体报道" = 1 }', '{ "锦旗" = 1 }\nenabled = false')
    assert findings(text) == []


REFUSED = [
    (
        changed('id = "C2"', 'id = " C2 "').replace("[profiles.indicators.C2]", '[profiles.indicators." C2 "]'),
        "的“ C2 ”是不认识的键",
    ),
    (changed('id = "默认方案"', "id = 默认方案"), r"第 \d+ 行第 \d+ 列不合 TOML 写法"),
    (TEXT + "\n[annual]\n", "不合 TOML 写法"),
    ('id = "x', "不合 TOML 写法"),
    ("version = " + "9" * 5000, "不合 TOML 写法"),
    ("x = " + "[" * 5000, "括号套得太深"),
    ("", "“indicators”|“id”没有填写"),
    (changed('title = "党员先锋指数默认方案"', 'title = ""'), "“title”应当是一行文字"),
    (changed('title = "党员先锋指数默认方案"', r'title = "红\u001b[31m"'), "“title”应当是一行文字"),
    (changed("version = 1", "version = 1.5"), "“version”应当是整数"),
    (changed("version = 1", "version = true"), "“version”应当是整数"),
    (within("A1", "points = 10", 'points = "十"'), "指标 A1 的“points”应当是数字"),
    (within("A1", "points = 10", "points = -1"), "应当不小于 0"),
    (within("A1", "points = 10", "points = nan"), "应当是数字"),
    (within("A1", "points = 10", "points = inf"), "应当是数字"),
    (within("A1", "points = 10", "points = 1e999999"), "应当不大于 10000"),
    (within("A1", "points = 10", "points = 0.00001"), "小数不能超过四位"),
    (within("A1", "target = 8", "targte = 8"), "指标 A1 的“targte”是不认识的键"),
    (changed("org_gap = 5", "orggap = 5"), "“org_gap”没有填写"),
    (changed("posting_days", 'colour = "红"\nposting_days'), "“colour”是不认识的键"),
    (changed("posting_days", '"a\\u001b" = 1\nposting_days'), r"“a\\x1b”是不认识的键"),
    (changed('{ "领学" = 1', '{ "" = 1'), "空的或带控制字符的键"),
    (changed("[95, 5]", "[95, 5, 1]"), "每一项应当是两个数字"),
    (changed("steps = [[95, 5], [90, 4], [85, 3], [80, 1]]", "steps = 5"), "应当是一组值"),
    (changed('kinds = ["主题党日"]', 'kinds = ["主题党日", 1]'), "“kinds”的第 2 项应当是一行文字"),
    (changed("[peer]\n", "[peers]\n"), "“peer”没有填写"),
    (changed("[bonus]\ncap = 10\n", "").replace("[[bonus.items]]", "[[bonus]]"), "应当是一节"),
    (changed("[profiles.indicators.D1]", "[profiles.indicators.D9]"), "岗位类别 行政后勤 的“D9”是不认识的键"),
    (changed("points = 13", 'rule = "flag"'), "“D1.rule”不能按岗位改"),
    (changed('rule = "ratio"', 'rule = "ratio"\nenabled = 1'), "“enabled”是不认识的键"),
    (changed('each = { "媒体报道" = 1 }', 'each = { "媒体报道" = 1 }\nenabled = "no"'), "只能是 true 或 false"),
    ("indicators = [1]\n", "第 1 项应当是一节"),
]


@pytest.mark.parametrize(("text", "complaint"), REFUSED, ids=[complaint for _, complaint in REFUSED])
def test_what_is_no_scheme_is_refused_with_the_line_or_key(text: str, complaint: str) -> None:
    with pytest.raises(Unfit) as caught:
        parse_scheme(text, "本院.toml")
    assert re.search(complaint, caught.value.sentence)
    assert caught.value.sentence.startswith("“本院.toml”")
    assert caught.value.sentence.isprintable()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda path: None, "找不到文件"),
        (lambda path: path.mkdir(), "读不出来"),
        (lambda path: path.write_bytes(TEXT.encode("gb18030")), "不是 UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, make: Callable[[Path], object], complaint: str) -> None:
    make(tmp_path / "本院.toml")
    with pytest.raises((NotFound, Unfit), match=complaint):
        load_scheme(tmp_path / "本院.toml")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([TEXT, built_in_text("西溪先锋100@1"), built_in_text("兰大二院")]),
    st.integers(0, len(TEXT) - 1),
    st.integers(0, 60),
    st.text("[]{}=\"'#.,\n 019-eZ一\x00", max_size=6),
)
def test_any_damage_is_refused_or_checked_but_never_a_crash(text: str, start: int, length: int, patch: str) -> None:
    start %= len(text)
    try:
        found = findings(text[:start] + patch + text[start + length :])
    except Unfit as fault:
        found = [fault.sentence]
    assert all(one.endswith(("。", "）")) and one.isprintable() for one in found)


SHORT = 'extends = "默认方案@1"\nid = "本院"\n'


def test_a_scheme_that_extends_another_says_only_what_differs() -> None:
    scheme = parse_scheme(SHORT + "[indicators.A1]\npoints = 9\n[indicators.A2]\npoints = 4\n[bonus]\ncap = 5\n", "x")
    default = built_in("默认方案@1")
    assert (scheme.key, scheme.title, scheme.bonus.cap) == ("本院@1", default.title, 5)
    assert scheme.bonus.items == default.bonus.items
    points = {one.id: one.points for one in scheme.indicators}
    assert (points["A1"], points["A2"], points["A3"]) == (9, 4, 4)
    assert {one.id: one.points for one in scheme.indicators_for("行政后勤")}["A1"] == 9
    assert check_scheme(scheme) == []


def test_a_list_of_its_own_takes_what_it_is_like() -> None:
    scheme = parse_scheme(
        SHORT + '[[bonus.items]]\nlike = "荣誉"\nkinds = ["党内"]\n[[bands]]\nname = "好"\nfrom = 0\n', "x"
    )
    [honour] = scheme.bonus.items
    assert (honour.kinds, honour.each["国家级"], scheme.bonus.cap) == (("党内",), 5, 10)
    assert [(band.name, band.start) for band in scheme.bands] == [("好", 0)]


def test_a_short_shipped_scheme_is_kept_whole() -> None:
    own = SHORT + "[indicators.D1]\noptions = { session_hours = 2.5 }\n"
    for scheme in (parse_scheme(own, "x"), *built_in_schemes()):
        kept = written_out(scheme)
        assert "extends" not in kept
        assert parse_scheme(kept, "x", kept=True) == scheme


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('extends = "没有"\n', "“extends”只能是内置方案的名称：.*默认方案"),
        ("extends = [1]\n", "“extends”只能是内置方案的名称"),
        (SHORT + "[indicators.Z9]\npoints = 1\n", "indicators 的“Z9”是不认识的键"),
        (SHORT + "[indicators]\nA1 = 9\n", "indicators 的“A1”应当是一节"),
        (
            SHORT + '[[parts]]\nlike = "boss"\n',
            "parts 第 1 项的“like”写的“boss”在内置方案里没有，可用的有：self、peer、org",
        ),
        (SHORT + '[[bonus.items]]\nlike = ["荣誉"]\n', "bonus 的 items 第 1 项的“like”写的“.*”在内置方案里没有"),
        (SHORT + "parts = 5\n", "“parts”应当是一组值"),
        (SHORT + "[indicators.A1]\npoints = 9\nlike = 3\n", "指标 A1 的“like”是不认识的键"),
        (changed('id = "self"', 'like = "self"'), "parts 第 1 项的“like”是不认识的键"),
    ],
)
def test_what_cannot_be_extended_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(Unfit) as caught:
        parse_scheme(text, "本院.toml")
    assert re.search(complaint, caught.value.sentence)


def test_all_faults_of_form_are_said_at_once() -> None:
    text = changed("posting_days", 'colour = "红"\nposting_days').replace("org_gap = 5", "orggap = 5")
    with pytest.raises(Unfit) as caught:
        parse_scheme(text, "本院.toml")
    assert all(word in caught.value.sentence for word in ("“colour”是不认识", "“orggap”是不认识", "“org_gap”没有填写"))
