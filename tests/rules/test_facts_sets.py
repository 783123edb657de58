"""Facts are read in whole sets: a book of many branches asks no more queries than a book of one."""

from datetime import date

import pytest
from sqlalchemy import event

from partybuild_cli.reports.report import report
from partybuild_cli.reports.status import status
from partybuild_cli.rules.belonging import Owners
from partybuild_cli.rules.check import check
from partybuild_cli.rules.dues import paid_dues
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.rules.participation import words_of
from partybuild_cli.store.engine import open_book
from partybuild_cli.values.period import period_of

TODAY = date(2026, 10, 1)
QUARTER = period_of("2026Q3")


def _queries(book, ask):
    """How many statements a question costs."""
    asked = []
    with book.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        ask(connection)
    return len(asked)


def _second_branch(cli):
    for name in ("外科党支部", "药学党支部", "检验党支部"):
        assert cli("branch", "add", "--name", name, "--kind", "党支部").code == 0
        for number in range(3):
            words = (
                "--name",
                f"{name[:2]}{'甲乙丙'[number]}",
                "--staff-no",
                f"{name[:1]}{number}",
                "--category",
                "正式党员",
            )
            assert cli("member", "add", "--branch", name, *words, "--joined-on", "2001-07-01").code == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda connection: check(connection, QUARTER, TODAY),
        lambda connection: report(connection, QUARTER, TODAY),
        lambda connection: status(connection, TODAY),
    ],
    ids=["check", "report", "status"],
)
def test_more_branches_cost_no_more_queries(branch, book_file, ask):
    before = _queries(open_book(book_file), ask)
    _second_branch(branch)
    assert _queries(open_book(book_file), ask) == before


def test_a_member_is_of_a_branch_while_he_belongs_to_it(branch, book_file):
    assert branch("member", "transfer", "张三", "--to", "外院", "--on", "2026-08-15").code == 0
    with open_book(book_file).reading() as connection:
        facts = load_facts(connection, QUARTER, TODAY)
        (home,) = facts.branches
        sizes = [len(facts.members(home, date(2026, month, 1))) for month in (5, 6, 8, 9)]
        formal = [len(facts.formal(home, date(2026, month, 1))) for month in (5, 6, 8, 9)]
    assert sizes == [3, 4, 4, 3]
    assert formal == [3, 3, 3, 2]


def test_dues_are_owed_for_the_months_in_which_a_member_ends_up_here(branch, book_file):
    assert branch("member", "transfer", "张三", "--to", "外院", "--on", "2026-08-15").code == 0
    with open_book(book_file).reading() as connection:
        facts = load_facts(connection, QUARTER, TODAY)
        paid = paid_dues(facts)[facts.branches[0].number]
    assert len(paid.months) == 4 + 3 + 3
    assert paid.unknown == paid.months


def test_what_names_nobody_belongs_to_the_organisation_above(branch, book_file):
    def owners():
        with open_book(book_file).reading() as connection:
            return Owners(load_facts(connection, QUARTER, TODAY)).of("task", {"id": 99})

    assert owners() == ["神经内科党支部"]  # there is but one
    _second_branch(branch)
    assert owners() == ["（未对应党支部）"]
    assert branch("branch", "add", "--name", "医院党委", "--kind", "党委").code == 0
    assert owners() == ["医院党委"]


def test_a_branch_is_named_in_the_text_of_a_record(branch, book_file):
    _second_branch(branch)
    with open_book(book_file).reading() as connection:
        owners = Owners(load_facts(connection, QUARTER, TODAY))
        assert owners.of("honor", {"id": 1}, text="外科 党支部") == ["外科党支部"]
        narrowed = Owners(load_facts(connection, QUARTER, TODAY, "药学党支部"))
        assert narrowed.of("honor", {"id": 1}, text="外科党支部") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("一病区、二病区", ["一病区", "二病区"]), ("一 病区；二病区", ["一", "病区", "二病区"]), (None, [])],
)
def test_wards_are_parted_as_names_are(text, words):
    assert words_of(text) == words
