"""The second edition of the default scheme: duties and opportunities, coverage, parts of a quarter, ranks apart."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.index.diff import typical_members, typical_score
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.scheme_check import check_scheme
from partybuild_cli.index.schemes import built_in, built_in_schemes, parse_scheme
from partybuild_cli.index.scoring import NO_DATA, NOT_APPLICABLE, Grounds, Measured, score_of

SECOND = built_in("默认方案@2")
TYPICAL = typical_members()
assert SECOND is not None


def line(account: dict, key: str) -> dict:
    return next(one for one in account["indicators"] if one["id"] == key)


def account_of(cli, name: str, *more: str) -> dict:
    found = cli("index", "explain", name, "2026Q3", "--json", *more)
    assert found.code == 0, found.err
    return found.json


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (*scores, one)
        for scores, one in zip(
            [
                ("67.0", "83.0"),
                ("63.7", "83.0"),
                ("63.0", "76.5"),
                ("61.3", "75.3"),
                ("53.7", "87.0"),
                ("79.3", "89.0"),
                ("94.0", "99.0"),
                ("43.6", "52.8"),
                ("15.6", "21.0"),
            ],
            TYPICAL[:9],
            strict=True,
        )
    ],
)
def test_a_typical_member_has_what_the_design_says_under_both_editions(first: str, second: str, one: dict) -> None:
    scores = [typical_score(scheme, one) for scheme in (built_in("默认方案@1"), built_in("默认方案@2")) if scheme]
    assert scores == [Decimal(first), Decimal(second)]


@pytest.mark.parametrize("scheme", [one for one in built_in_schemes() if one.version == 2], ids=lambda one: one.key)
def test_duties_carry_about_four_fifths_and_whoever_does_them_is_well_off(scheme: Scheme) -> None:
    duties = sum(one.points for one in scheme.indicators if not one.opportunity)
    assert 78 <= duties <= 88
    assert (typical_score(scheme, TYPICAL[0]) or 0) >= 80


def _known(**found: Measured) -> Grounds:
    """Everything done but what is named."""
    measured = {one.id: Measured("scored", 1, 1) for one in SECOND.indicators}
    measured |= {"A1": Measured("scored", 8), "C2": Measured("scored", 96), "C3": Measured("scored", 0)}
    measured |= {one.id: Measured("scored") for one in SECOND.indicators if one.rule == "each"}
    return Grounds({**measured, "D1": Measured("scored", items=(("次", 3),)), **found})


def _score(known: Grounds, presence: Fraction = Fraction(1)):
    return score_of(SECOND, known, None, None, presence)


@pytest.mark.parametrize("state", [NO_DATA, NOT_APPLICABLE])
@pytest.mark.parametrize("absent", [one.id for one in SECOND.indicators if not one.opportunity])
def test_what_does_not_apply_goes_to_duties_and_never_to_an_opportunity(absent: str, state: Measured) -> None:
    score = _score(_known(**{absent: state}))
    assert score.base == 83  # every duty that stands is done in full, and the opportunities keep their weight
    worth = {line.indicator.id: line.most for line in score.lines}
    assert all(worth[one.id] == one.points for one in SECOND.indicators if one.opportunity)


def test_an_opportunity_without_any_record_is_nothing_and_never_no_data() -> None:
    score = _score(_known(A3=NO_DATA, C4=NO_DATA, D2=NO_DATA, D3=NO_DATA, E3=NO_DATA))
    assert (score.base, score.coverage) == (83, 1)
    assert {line.measured.state for line in score.lines if line.indicator.id in ("A3", "C4", "D2", "D3", "E3")} == {
        "scored"
    }


def test_a_dimension_whose_duties_all_fall_away_gives_to_all_duties() -> None:
    score = _score(_known(E1=NOT_APPLICABLE, E2=NOT_APPLICABLE, E3=Measured("scored", items=(("突击队", 1),))))
    assert score.base == 85
    assert score.dimensions["E"] == 2


def test_with_no_duty_at_all_there_is_no_base() -> None:
    bare = {one.id: NO_DATA for one in SECOND.indicators}
    assert _score(Grounds(bare)).base is None
    assert _score(Grounds(bare)).coverage == 0


@pytest.mark.parametrize(
    ("presence", "sessions", "points"),
    [(Fraction(1), 2, 6), (Fraction(2, 3), 2, 9), (Fraction(1, 2), 1, 9), (Fraction(1, 2), 0, 0), (Fraction(2, 3), 1, Fraction(9, 2))],
)  # fmt: skip
def test_counts_are_owed_by_the_days_in_whole_things_to_his_favour(presence, sessions, points) -> None:
    items = (("次", sessions),) if sessions else ()
    score = _score(_known(D1=Measured("scored", items=items)), presence)
    assert score.lines[[line.indicator.id for line in score.lines].index("D1")].raw == points


def test_whoever_was_there_for_less_than_one_whole_thing_owes_none_and_still_has_what_he_did() -> None:
    late = Fraction(1, 4)
    places = {one.id: place for place, one in enumerate(SECOND.indicators)}
    nothing = _score(_known(D1=Measured("scored"), B4=Measured("scored", 0), E2=Measured("scored", 0)), late)
    assert [nothing.lines[places[key]].raw for key in ("D1", "B4", "E2")] == [None, None, None]
    assert nothing.base == 83
    assert _score(_known(D1=Measured("scored", items=(("次", 1),))), late).lines[places["D1"]].raw == 9
    whole = _score(_known(B4=Measured("scored", 0)))
    assert whole.lines[places["B4"]].raw == 0


def test_the_first_edition_is_not_prorated() -> None:
    first = built_in("默认方案@1")
    assert first is not None
    known = Grounds({one.id: Measured("scored", 1, 1, (("次", 1),)) for one in first.indicators})
    scores = [score_of(first, known, None, None, part) for part in (Fraction(1), Fraction(1, 2))]
    place = [one.id for one in first.indicators].index("D2")
    assert [one.lines[place].raw for one in scores] == [3, 3]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ('org = "both"', "absolute"),
        ("least_coverage = 2", "least_coverage"),
        ("[peer]\nleast_presence = 1.5", "least_presence"),
        ("".join(f"[indicators.{one.id}]\nopportunity = true\n" for one in SECOND.indicators), "没有一项指标是义务"),
    ],
)
def test_a_scheme_that_cannot_hold_together_is_told(words: str, fault: str) -> None:
    text = f'extends = "默认方案"\nid = "本院"\nversion = 1\n{words}\n'
    try:
        found = check_scheme(parse_scheme(text, "本院.toml"))
    except Unfit as refused:
        found = [refused.sentence]
    assert any(fault in one for one in found)


def test_a_new_book_takes_the_second_edition_and_a_computed_quarter_keeps_its_own(year) -> None:
    assert year("index", "compute", "2026Q2", "--scheme", "默认方案@1").code == 0
    assert year("index", "list", "2026Q2", "--json").json["scheme"] == "默认方案@1"
    assert year("index", "list", "2026Q1", "--json").json["scheme"] == "默认方案@2"
    assert year("index", "compute", "2026Q3", "--scheme", "默认方案").code == 0
    assert year("index", "list", "2026Q3", "--json").json["scheme"] == "默认方案@2"
    assert year("index", "list", "2026Q2", "--json").json["scheme"] == "默认方案@1"
    unknown = year("index", "compute", "2026Q3", "--scheme", "默认方案@3")
    assert unknown.code == 3
    assert "默认方案@2" in unknown.err


def test_two_schemes_side_by_side_and_what_they_would_do_to_a_quarter(year) -> None:
    found = year("index", "scheme", "diff", "默认方案@1", "默认方案@2", "2026Q3", "--json").json
    assert (found["from"], found["to"]) == ("默认方案@1", "默认方案@2")
    changed = {one["id"]: one for one in found["indicators"]}
    assert changed["A3"]["before"]["kind"] == "义务"
    assert (changed["A3"]["after"]["kind"], changed["A3"]["after"]["points"]) == ("作为", "3")
    assert "A1" not in changed
    assert {one["name"] for one in found["members"]} == {"张三", "李四", "王芳"}
    assert "没有不同" in year("index", "scheme", "diff", "默认方案", "默认方案@2").out
    assert year("index", "scheme", "diff", "默认方案", "没有的方案").code == 3


def test_too_little_data_is_not_scored_and_says_what_is_missing(year) -> None:
    assert year("index", "compute", "2026Q3").code == 0
    account = account_of(year, "张三")
    assert (account["score"], account["rank"]) == (None, None)
    assert account["unscored"].startswith("记录不足：应尽义务有记录的分值占 ")
    assert "B3" in account["unscored"]
    assert line(account, "D1")["value"] == "次×1"  # what there is, is shown
    assert "记录不足" in year("index", "list", "2026Q3").out
    assert year("index", "annual", "2026").code == 3


def _fill(cli, names: tuple[str, ...]) -> None:
    """Enough of everything that everybody is scored: study, dues, talks; with the meeting and service of the book."""
    assert cli("conduct", "add", "--member", "张三", "--on", "2026-08-01", "--kind", "突击队").code == 0
    assert cli("talk", "add", "--on", "2026-08-01", "--talker", "张三", "--subject", "李四").code == 0
    for name in names:
        for month in ("07", "08", "09"):
            assert cli("dues", "add", "--member", name, "--month", f"2026-{month}", "--paid", "10").code == 0
            study = ("--kind", "网络自学", "--topic", f"平台{month}", "--hours", "2")
            assert cli("study", "add", "--member", name, "--studied-on", f"2026-{month}-05", *study).code == 0
        study = ("--kind", "集中学习", "--topic", "集中", "--hours", "8")
        assert cli("study", "add", "--member", name, "--studied-on", "2026-08-20", *study).code == 0


ALL = ("张三", "李四", "王芳(003)", "王芳(004)")


def test_ranks_are_within_a_profile(year) -> None:
    _fill(year, ALL)
    assert year("member", "edit", "004", "--staff-kind", "退休", "--correct").code == 0
    members = year("index", "list", "2026Q3", "--json").json["members"]
    assert {one["staff_no"]: one.get("profile") for one in members} == {
        "001": "在岗", "002": "预备", "003": "在岗", "004": "退休",
    }  # fmt: skip
    assert {one["staff_no"]: one["rank"] for one in members} == {"001": 1, "002": 1, "003": 2, "004": 1}
    assert "在岗第 1 名" in year("index", "explain", "张三", "2026Q3").out
    listed = [line.split("\t")[0] for line in year("index", "list", "2026Q3").out.splitlines()]
    assert [place for place in listed if place[-1:].isdigit()] == ["在岗1", "在岗2", "退休1", "预备1"]


def test_a_late_joiner_changes_nobody_else(year, tmp_path: Path) -> None:
    """Neither by his records, nor by his ratings, nor by not rating."""
    _fill(year, ALL)
    rate = tmp_path / "评议.csv"
    rate.write_text(
        "季度,评议方式,姓名,评议人,得分\n2026Q3,互评,张三,李四,80\n2026Q3,互评,张三,003,90\n", encoding="utf8"
    )
    assert year("import", rate, "--ledger", "rating").code == 0
    before = {name: account_of(year, name)["score"] for name in ("001", "002", "003", "004")}
    for at in range(3):
        words = ("--staff-no", f"10{at}", "--category", "正式党员", "--joined-on", "2010-07-01")
        assert year("member", "add", "--name", f"后来{'甲乙丙'[at]}", *words, "--arrived-on", "2026-09-20").code == 0
    assert year("conduct", "add", "--member", "后来甲", "--on", "2026-09-25", "--kind", "突击队").code == 0
    assert year("talk", "add", "--on", "2026-09-26", "--talker", "后来甲", "--subject", "后来乙").code == 0
    rate.write_text("季度,评议方式,姓名,评议人,得分\n2026Q3,互评,张三,后来甲,10\n", encoding="utf8")
    assert year("import", rate, "--ledger", "rating").code == 0
    assert {name: account_of(year, name)["score"] for name in before} == before
    assert line(account_of(year, "后来甲"), "E3")["value"] == "突击队×1"


def test_a_talk_counts_for_both_and_a_reminder_for_neither(year) -> None:
    assert (
        year("talk", "add", "--on", "2026-08-01", "--talker", "张三", "--subject", "李四", "--kind", "日常").code == 0
    )
    reminded = ("--talker", "003", "--subject", "004", "--kind", "提醒")
    assert year("talk", "add", "--on", "2026-08-02", *reminded).code == 0
    values = {name: line(account_of(year, name), "B4")["value"] for name in ("001", "002", "003", "004")}
    assert values == {"001": "1", "002": "1", "003": "0", "004": "0"}


def test_a_pair_pays_the_giver_and_asks_nothing_of_whoever_has_none(year) -> None:
    pair = ("--kind", "师徒", "--giver", "张三", "--receiver", "李四", "--started-on", "2026-01-01")
    assert year("pairing", "add", *pair, "--visited-on", "2026-08-01", "--content", "带教").code == 0
    states = {name: line(account_of(year, name), "E2")["state"] for name in ("001", "002", "003")}
    assert states == {"001": "scored", "002": "not_applicable", "003": "not_applicable"}
    assert line(account_of(year, "001"), "E2")["points"] != "0"


def test_a_post_is_asked_of_whoever_holds_one(year) -> None:
    assert year("post", "add", "--member", "张三", "--place", "绿色通道", "--set-on", "2026-01").code == 0
    states = {name: line(account_of(year, name), "E1")["state"] for name in ("001", "002")}
    assert states == {"001": "scored", "002": "not_applicable"}
    assert line(account_of(year, "001"), "E1")["value"] == "0"  # not assessed yet


def _rate(cli, tmp_path: Path, *rows: str):
    sheet = tmp_path / "评议.csv"
    head = "季度,评议方式,姓名,评议人,得分,理由\n"
    sheet.write_text(head + "".join(f"2026Q3,{row}\n" for row in rows), encoding="utf8")
    return cli("import", sheet, "--ledger", "rating")


def test_explain_shows_the_formula_whole_points_and_redistribution_in_words(year, tmp_path: Path) -> None:
    _fill(year, ALL)
    assert _rate(year, tmp_path, "自评,003,,95,").code == 0
    told = year("index", "explain", "003", "2026Q3").out
    assert "A2 规定自学　4 / 4 分，折合 " in told
    assert "重新分配：E1 示范岗责任区履责不适用、E2 结对帮带不适用，6 分按比例加给其他维度的义务。" in told
    assert "季度指数 = 自评 95 × 20/70 + 组织评定 " in told
    assert "（互评没有，权重按比例加给其余各部分）" in told
    account = account_of(year, "003")
    assert account["formula"].endswith("（互评没有，权重按比例加给其余各部分）")
    assert f"四舍五入为 {account['score']}" in account["formula"]
    assert sum(Decimal(one["points"]) for one in account["indicators"]) == Decimal(account["base"])


def test_the_formula_of_the_worked_example(first_edition, cli, tmp_path: Path) -> None:
    from partybuild_cli.index.accounts import formula
    from tests.index.test_index_scoring import EXAMPLE_CASE, scored

    said = formula(scored(EXAMPLE_CASE))
    assert said == ("自评 95 × 20% + 互评 90 × 30% + 组织评定 81.5 × 50% = 19 + 27 + 40.75 = 86.75，四舍五入为 86.8")


def test_publishing_names_who_lacks_which_rating(year, tmp_path: Path) -> None:
    _fill(year, ALL)
    assert (
        _rate(
            year, tmp_path, "自评,张三,,95,", "组织评定,李四,,80,表现", "互评,张三,李四,90,", "互评,张三,003,90,"
        ).code
        == 0
    )
    done = year("index", "publish", "2026Q3", "--on", "2026-10-09")
    others = {"李四", "王芳(003)", "王芳(004)"}
    assert _lacking(done.err) == {
        "注意：没有自评": (others, "权重加给其余各部分。"),
        "注意：没有互评": (others, "权重加给其余各部分。"),
        "注意：没有组织评定": ({"张三", "王芳(003)", "王芳(004)"}, "取记录得分。"),
    }


def _lacking(text: str) -> dict[str, tuple[set[str], str]]:
    """Of each sentence 没有自评的：…，…。 the names and what follows."""
    lines = [line.partition("的：") for line in text.splitlines() if "没有" in line and "的：" in line]
    told = {head: rest.partition("，") for head, _, rest in lines}
    return {head: (set(names.split("、")), tail) for head, (names, _, tail) in told.items()}


def test_a_revision_says_whose_score_did_not_move_and_why(year, tmp_path: Path) -> None:
    _fill(year, ALL)
    assert _rate(year, tmp_path, "组织评定,张三,,60,核定").code == 0
    assert year("index", "publish", "2026Q3", "--on", "2026-10-09").code == 0
    for at in range(3):
        words = ("--kind", "科普", "--on", f"2026-09-1{at}", "--title", f"科普{at}", "--hours", "2")
        assert year("service", "add", *words, "--member", "张三", "--member", "李四").code == 0
    done = year("index", "revise", "2026Q3", "--reason", "补记服务", "--on", "2026-10-12")
    assert "张三的季度指数没有变，仍是 60.0：记录得分 " in done.err
    assert "组织评定 60 分是直接给的，不随记录变" in done.err
    assert "李四的季度指数没有变" not in done.err
    words = ("--kind", "科普", "--on", "2026-09-20", "--title", "科普又一次", "--hours", "2", "--member", "李四")
    assert year("service", "add", *words).code == 0
    again = year("index", "revise", "2026Q3", "--reason", "再补", "--on", "2026-10-13")
    assert "李四的季度指数没有变" in again.err
    assert "已到上限，或这些记录不计分" in again.err


def test_an_adjustment_follows_the_records_and_needs_a_reason(year, tmp_path: Path) -> None:
    _fill(year, ALL)
    assert year("settings", "set", "org", "调整分").code == 0
    assert _rate(year, tmp_path, "组织加减分,张三,,-3,").code == 4
    assert _rate(year, tmp_path, "组织评定,张三,,-3,推诿").code == 4
    assert _rate(year, tmp_path, "组织加减分,张三,,-3,推诿", "组织加减分,李四,,2,抢救").code == 0
    before = account_of(year, "张三")
    assert Decimal(before["parts"]["org"]) == Decimal(before["obj"]) - 3
    [tried] = year("index", "explain", "张三", "2026Q3", "--what-if", "A3:+1", "--json").json["what_if"]
    assert 0 < Decimal(tried["difference"]) <= 1  # what was taken off is taken off still
    words = ("--kind", "科普", "--on", "2026-09-10", "--title", "科普", "--hours", "2", "--member", "张三")
    assert year("service", "add", *words).code == 0
    after = account_of(year, "张三")
    assert Decimal(after["obj"]) > Decimal(before["obj"])
    assert Decimal(after["parts"]["org"]) == Decimal(after["obj"]) - 3
    assert Decimal(account_of(year, "李四")["parts"]["org"]) == Decimal(account_of(year, "李四")["obj"]) + 2
    assert year("settings", "set", "org", "绝对分").code == 0
    assert account_of(year, "张三")["parts"]["org"] == after["obj"]
    assert "加减分，而本单位的组织评定方式不是这一种" in year("index", "list", "2026Q3").err


def test_least_coverage_is_a_setting_of_the_unit(year) -> None:
    assert account_of(year, "张三")["score"] is None
    [tried] = year("index", "explain", "张三", "2026Q3", "--what-if", "A3:+1", "--json").json["what_if"]
    assert tried["score"] is None  # one more speech is no data on his duties
    assert year("settings", "set", "least_coverage", "5").code == 0
    assert account_of(year, "张三")["score"] is not None
    assert year("index", "compute", "2026Q3").code == 0  # the scheme that is kept is the scheme as it ships
    assert year("index", "list", "2026Q3", "--json").json["scheme"] == "默认方案@2"


def test_a_year_with_one_quarter_proposes_nothing(year) -> None:
    _fill(year, ALL)
    assert year("index", "compute", "2026Q3").code == 0
    members = year("index", "annual", "2026", "--json").json["members"]
    assert {one["proposal"] for one in members if one["category"] == "正式党员"} == {None}
    assert "季度不足" in year("index", "annual", "2026").out
    assert "推荐" not in year("index", "annual", "2026").out


def test_a_general_branch_has_its_grades_beside_the_index_they_stand_on(year) -> None:
    assert year("branch", "add", "--name", "心血管党总支", "--kind", "党总支").code == 0
    assert year("branch", "edit", "神经内科党支部", "--parent", "心血管党总支").code == 0
    assert year("branch", "add", "--name", "外科党支部", "--kind", "党支部").code == 0
    other = ("--staff-no", "901", "--category", "正式党员", "--joined-on", "2010-07-01", "--branch", "外科党支部")
    assert year("member", "add", "--name", "赵一", *other).code == 0
    _fill(year, ALL)
    for name in ALL:
        assert year("dues", "add", "--member", name, "--month", "2026-05", "--paid", "10").code == 0
    for quarter in ("2026Q2", "2026Q3"):
        assert year("index", "compute", quarter, "--scheme", "默认方案@1").code == 0
    for name, grade in (("张三", "优秀"), ("003", "合格"), ("004", "合格")):
        assert year("review", "add", "--member", name, "--year", "2026", "--grade", grade).code == 0
    found = year("index", "annual", "2026", "--branch", "心血管党总支", "--json").json
    assert {one["name"] for one in found["members"]} == {"张三", "李四", "王芳"}
    index = {one["staff_no"]: Decimal(one["index"]) for one in found["members"] if one["index"]}
    grades = {one["grade"]: one for one in found["grades"]}
    assert {grade: one["members"] for grade, one in grades.items()} == {"优秀": 1, "合格": 2, None: 1}
    assert Decimal(grades["优秀"]["mean"]) == index["001"]
    assert Decimal(grades["合格"]["highest"]) == max(index["003"], index["004"])
    told = year("index", "annual", "2026", "--branch", "心血管党总支").out
    assert f"优秀\t1\t{grades['优秀']['mean']}" in told
