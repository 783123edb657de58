"""发展党员: every limit on both sides of its edge, editions by date, probation and standing."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.development import Stage, stage_of
from partybuild_cli.rules.belonging import Candidate
from partybuild_cli.rules.development import (
    Probation,
    StepResult,
    StepState,
    assess,
    edition_on,
    editions,
    probation,
    steps,
)

TODAY = date(2026, 11, 1)
WHOLE = {
    "born_on": "1990-05-01",
    "applied_on": "2023-01-10",
    "talked_on": "2023-02-10",
    "activist_on": "2023-05-10",
    "candidate_on": "2024-05-10",
    "reviewed_on": "2024-05-20",
    "trained_on": "2024-06-03..2024-06-05",
    "prechecked_on": "2024-06-10",
    "voted_on": "2024-06-20",
    "approved_on": "2024-09-20",
    "sworn_on": "2024-10-01",
    "full_applied_on": "2025-06-10",
    "full_voted_on": "2025-06-20",
    "full_approved_on": "2025-09-20",
}
PEOPLE = {"contacts": 2, "sponsors": 2}


def look(
    days: dict[str, str],
    field: str,
    today: date = TODAY,
    *,
    hours: str | None = None,
    extension: int = 0,
    edition: str | None = None,
    local: bool = False,
    people: dict[str, int] | None = None,
) -> StepResult:
    case = Candidate(days, PEOPLE if people is None else people, Decimal(hours) if hours else None, extension)
    results = assess(case, today, edition=edition, local=local)
    return next(result for result in results if result.field == field)


def test_the_steps_are_twenty_five_in_five_stages() -> None:
    assert [step.number for step in steps()] == list(range(1, 26))
    assert sorted({step.stage for step in steps()}) == [1, 2, 3, 4, 5]
    fields = {step.field for step in steps()} | {"born_on", "posted_on"}
    assert {limit.anchor for step in steps() for limit in step.limits} <= fields
    assert {before for step in steps() for before in step.after} <= fields


def test_a_whole_case_in_time_has_no_fault() -> None:
    results = assess(Candidate(WHOLE, PEOPLE), TODAY)
    assert {result.state for result in results} == {StepState.DONE, StepState.NOT_KEPT}


@pytest.mark.parametrize(
    ("field", "good", "bad", "state"),
    [
        ("applied_on", "2008-05-01", "2008-04-30", StepState.EARLY),
        ("talked_on", "2023-02-10", "2023-02-11", StepState.LATE),
        ("talked_on", "2023-01-10", "2023-01-09", StepState.EARLY),
        ("candidate_on", "2024-05-10", "2024-05-09", StepState.EARLY),
        ("approved_on", "2024-09-20", "2024-09-21", StepState.LATE),
        ("full_voted_on", "2025-06-20", "2025-06-19", StepState.EARLY),
        ("full_approved_on", "2025-09-20", "2025-09-21", StepState.LATE),
        ("prechecked_on", "2024-06-05", "2024-06-04", StepState.EARLY),
    ],
)
def test_each_limit_on_both_sides(field: str, good: str, bad: str, state: StepState) -> None:
    assert look(WHOLE | {field: good}, field).state is StepState.DONE
    assert look(WHOLE | {field: bad}, field).state is state


def test_a_month_is_clipped_to_its_end() -> None:
    days = {"applied_on": "2026-01-31", "born_on": "1990-01-01"}
    found = look(days, "talked_on", date(2026, 2, 28))
    assert found.sentence == "现在可以办理，最迟2026-02-28（收到入党申请书后一个月内）"
    assert (found.state, found.latest) == (StepState.DUE, date(2026, 2, 28))
    assert look(days, "talked_on", date(2026, 3, 1)).state is StepState.OVERDUE


def test_a_year_of_training_before_becoming_a_candidate() -> None:
    days = {"applied_on": "2025-01-10", "talked_on": "2025-01-11", "activist_on": "2025-03-10"}
    done = {"contacts": 1}
    early = look(days, "candidate_on", date(2026, 3, 9), edition="2014", people=done)
    assert (early.state, early.earliest) == (StepState.NEXT, date(2026, 3, 10))
    assert look(days, "candidate_on", date(2026, 3, 10), edition="2014", people=done).state is StepState.DUE
    assert look(days, "candidate_on", date(2026, 3, 10), people={}).state is StepState.WAITING


def test_posting_of_five_working_days_holds_from_2026() -> None:
    days = {"activist_on": "2025-03-10", "posted_on": "2026-06-01"}
    assert look(days | {"candidate_on": "2026-06-06"}, "candidate_on").state is StepState.DONE
    early = look(days | {"candidate_on": "2026-06-05"}, "candidate_on")
    assert (early.state, early.earliest) == (StepState.EARLY, date(2026, 6, 6))
    assert look(days | {"candidate_on": "2026-06-05"}, "candidate_on", edition="2014").state is StepState.DONE
    unposted = look({"activist_on": "2025-03-10", "candidate_on": "2026-06-06"}, "candidate_on")
    assert unposted.state is StepState.UNSURE
    assert "公示日期" in unposted.sentence


def test_a_vote_within_a_month_of_the_precheck_from_2026_or_locally() -> None:
    late = WHOLE | {"voted_on": "2024-07-11", "approved_on": "2024-10-01", "sworn_on": "2024-10-02"}
    assert look(late, "voted_on").state is StepState.DONE
    assert look(late, "voted_on", local=True).state is StepState.LATE
    assert look(late, "voted_on", edition="2026").state is StepState.LATE
    assert look(late | {"voted_on": "2024-07-10"}, "voted_on", edition="2026").state is StepState.DONE


def test_each_decision_falls_under_the_edition_of_its_day() -> None:
    assert edition_on(date(2026, 5, 17)).id == "2014"
    assert edition_on(date(2026, 5, 18)).id == "2026"
    assert edition_on(date(2010, 1, 1)).id == "2014"
    assert look(WHOLE, "approved_on").article.endswith("2014年《中国共产党发展党员工作细则》第二十六条")
    recent = look(WHOLE | {"approved_on": "2026-05-18"}, "approved_on")
    assert recent.article == "2026年修订《中国共产党发展党员工作细则》第二十五条"
    with pytest.raises(ValueProblem, match="2014、2026"):
        look(WHOLE, "voted_on", edition="2020")
    assert list(editions()) == ["2014", "2026"]


def test_a_step_merged_in_2026_says_where_it_went() -> None:
    listed = assess(Candidate(WHOLE, PEOPLE), TODAY, edition="2014")[7]
    assert listed.state is StepState.NOT_KEPT
    merged = assess(Candidate(WHOLE, PEOPLE), TODAY, edition="2026")[7]
    assert (merged.state, merged.sentence) == (StepState.MERGED, "并入第7步：报上级党委同意后公示")


@pytest.mark.parametrize(("count", "state"), [(1, StepState.SHORT), (2, StepState.DONE), (3, StepState.SHORT)])
def test_two_sponsors(count: int, state: StepState) -> None:
    assert look(WHOLE, "sponsors", people={"sponsors": count}).state is state


def test_one_or_two_contacts() -> None:
    states = [look(WHOLE, "contacts", people={"contacts": count}).state for count in (1, 2, 3)]
    assert states == [StepState.DONE, StepState.DONE, StepState.SHORT]
    assert look(WHOLE, "contacts", people={"contacts": 3}).sentence == "应为1至2名正式党员，现为3名；请核对"
    assert look(WHOLE, "sponsors", people={"sponsors": 1}).sentence == "应为2名正式党员，现为1名；请核对"


@pytest.mark.parametrize(
    ("trained_on", "hours", "state"),
    [
        ("2024-06-03..2024-06-05", None, StepState.DONE),
        ("2024-06-03..2024-06-04", None, StepState.SHORT),
        ("2024-06-03..2024-06-04", "24", StepState.DONE),
        ("2024-06-03", "23.5", StepState.SHORT),
        ("2024-06-03", None, StepState.UNSURE),
    ],
)
def test_three_days_or_24_hours(trained_on: str, hours: str | None, state: StepState) -> None:
    assert look(WHOLE | {"trained_on": trained_on}, "trained_on", hours=hours).state is state


def test_a_coarse_day_breaks_a_limit_only_for_certain() -> None:
    assert look(WHOLE | {"candidate_on": "2024-04"}, "candidate_on").state is StepState.EARLY
    assert look(WHOLE | {"candidate_on": "2024-05"}, "candidate_on").state is StepState.UNSURE
    assert look(WHOLE | {"candidate_on": "2024-06"}, "candidate_on").state is StepState.DONE
    assert look(WHOLE | {"approved_on": "2024"}, "approved_on").state is StepState.UNSURE
    coarse = look(WHOLE | {"activist_on": "2023-05"}, "candidate_on")
    assert (coarse.state, coarse.earliest) == (StepState.UNSURE, date(2024, 5, 31))


def test_people_named_early_do_not_skip_a_step() -> None:
    days = {field: WHOLE[field] for field in ("born_on", "applied_on", "talked_on", "activist_on")}
    assert look(days, "candidate_on", edition="2014").state is StepState.DUE
    assert look(days, "sponsors", people={}).state is StepState.WAITING


def test_a_gap_is_missing_and_not_guessed() -> None:
    days = {field: day for field, day in WHOLE.items() if field != "reviewed_on"}
    assert look(days, "reviewed_on").state is StepState.MISSING


def test_an_extension_moves_the_end_of_probation() -> None:
    assert look(WHOLE, "full_voted_on", extension=6).state is StepState.EARLY
    assert look(WHOLE | {"full_voted_on": "2025-12-20"}, "full_voted_on", extension=6).state is StepState.DONE
    for months in (5, 13):
        with pytest.raises(ValueProblem, match="6至12个月"):
            look(WHOLE, "full_voted_on", extension=months)
    assert probation("2025-06-15", 12) == Probation(date(2025, 6, 15), date(2027, 6, 14), date(2027, 6, 15))


def test_probation_of_a_year() -> None:
    assert probation("2025-06-15") == Probation(date(2025, 6, 15), date(2026, 6, 14), date(2026, 6, 15))
    assert probation("2025-06") is None
    assert probation("2024-02-29") == Probation(date(2024, 2, 29), date(2025, 2, 27), date(2025, 2, 28))


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ([], None),
        (["applied_on"], Stage.APPLICANT),
        (["applied_on", "activist_on"], Stage.ACTIVIST),
        (["candidate_on"], Stage.CANDIDATE),
        (["candidate_on", "voted_on"], Stage.CANDIDATE),
        (["voted_on", "approved_on"], Stage.PROBATIONARY),
        (["voted_on", "approved_on", "full_voted_on"], Stage.PROBATIONARY),
        (["full_voted_on", "full_approved_on"], Stage.FULL),
    ],
)
def test_the_standing_that_the_days_prove(fields: list[str], stage: Stage | None) -> None:
    assert stage_of({field: WHOLE[field] for field in fields}) is stage


DAYS = st.one_of(
    st.none(),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)).flatmap(
        lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
    ),
)


@given(st.fixed_dictionaries(dict.fromkeys(WHOLE, DAYS)), st.booleans())
def test_any_days_give_twenty_five_answers(days: dict[str, str | None], local: bool) -> None:
    results = assess(Candidate(days, PEOPLE), TODAY, local=local)
    assert len(results) == 25
    assert all(result.sentence for result in results if result.state in (StepState.EARLY, StepState.UNSURE))


def test_a_day_that_has_not_come_proves_nothing() -> None:
    days = WHOLE | {"full_approved_on": "2025-09-20"}
    found = look(days, "full_approved_on", date(2025, 9, 19))
    assert found.state is StepState.DUE
    assert "登记的日期2025-09-20还没有到" in found.sentence
    assert look(days, "full_approved_on", date(2025, 9, 20)).state is StepState.DONE


def test_who_was_no_full_member_then_vouches_for_nobody() -> None:
    case = Candidate(WHOLE, PEOPLE, unfit={"sponsors": ["王五"]})
    states = {step.field: step for step in assess(case, TODAY)}
    assert states["sponsors"].state is StepState.SHORT
    assert "王五当时不是" in states["sponsors"].sentence
    assert states["contacts"].state is StepState.DONE
