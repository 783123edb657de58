"""The committee asks who gave whom which score: all commands, exported files and, after closing, the raw book."""

import random
import sqlite3
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import Prepare

pytestmark = pytest.mark.usefixtures("first_edition")

NAMES = [f"评议{sign}" for sign in "甲乙丙丁戊己庚辛"]
Given = dict[tuple[str, str], int]


def fill(path: Path, scores: dict[str, int]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.active
    head = next(row for row in sheet.iter_rows() if any(cell.value == "得分" for cell in row))
    places = {cell.value: cell.column for cell in head}
    for row in sheet.iter_rows(min_row=head[0].row + 1):
        name = sheet.cell(row[0].row, places["被评议人"]).value
        if name in scores:
            sheet.cell(row[0].row, places["得分"]).value = scores[name]
    book.save(path)


def handed_out(folder: Path) -> dict[str, Path]:
    sheet = openpyxl.load_workbook(next(folder.rglob("*互评表发放单.xlsx"))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return {row[1]: next(folder.rglob(row[2])) for row in rows if str(row[2]).startswith("互评表-")}


@pytest.fixture
def rated(cli, prepared: Prepare, tmp_path: Path) -> Given:
    """Eight members rate each other, half of them in one import and half form by form; 甲 hands in twice."""

    def make() -> Given:
        cli("init", "--branch", "内科党支部")
        for number, name in enumerate(NAMES):
            done = cli(
                "member",
                "add",
                "--name",
                name,
                "--staff-no",
                f"T{number}",
                "--category",
                "正式党员",
                "--joined-on",
                "2010",
            )
            assert done.code == 0, done.err
        cli("service", "add", "--kind", "义诊", "--on", "2026-08-15", "--title", "义诊", "--member", NAMES[0])
        assert cli("index", "forms", "2026Q3", "--out", tmp_path / "forms").code == 0
        dice, given, found = random.Random(7), {}, handed_out(tmp_path / "forms")
        for rater, path in found.items():
            mine = {name: dice.randint(60, 100) for name in NAMES if name != rater}
            given |= {(rater, name): score for name, score in mine.items()}
            fill(path, mine)
        paths = list(found.values())
        assert cli("import", *paths[:4], "--yes").code == 0
        for path in paths[4:]:
            assert cli("import", path, "--yes").code == 0
        again = {name: score - 1 for (rater, name), score in given.items() if rater == NAMES[0]}
        fill(paths[0], again)
        assert cli("import", paths[0], "--yes").code == 0
        return given | {(NAMES[0], name): score for name, score in again.items()}

    found: Given = prepared("rated", make)
    return found


def peers(cli) -> dict[str, str]:
    return {name: cli("index", "explain", name, "2026Q3", "--json").json["parts"]["peer"] for name in NAMES}


def tied(blocks: list[list[tuple[str, int]]], given: Given) -> int:
    """How many ratings are tied by who is missing in a block of rows that came together."""
    best = 0
    for block in blocks:
        missing = [name for name in NAMES if name not in {rated for rated, _ in block}]
        if len(missing) == 1:
            best += sum(given.get((missing[0], rated)) == score for rated, score in block)
    return best


def test_while_it_is_open_the_log_tells_neither_whom_nor_how_much(cli, rated: Given) -> None:
    for change in cli("log", "--json").json:
        records = cli("log", "show", change["change"], "--json").json["records"]
        for record in records:
            if record["ledger"] == "rating":
                assert {field["field"] for field in record["fields"]} <= {"季度", "评议方式"}


def test_no_command_and_no_export_bears_what_stands_for_a_rater(
    cli, rated: Given, book_file: Path, tmp_path: Path
) -> None:
    """Neither while the round is open nor after it was closed."""
    for words in (("index", "compute", "2026Q3"), ("index", "publish", "2026Q3", "--on", "2026-10-09")):
        assert cli(*words).code == 0
        raw = sqlite3.connect(book_file)
        marks = [row[0] for row in raw.execute("SELECT rater FROM rating WHERE part = '互评'")]
        raw.close()
        assert len(marks) == 56
        folder = tmp_path / words[1]
        assert cli("export", "--full", "--out", folder).code == 0
        said = [cli("index", "list", "2026Q3", "--json").out, cli("log", "--json").out]
        said += [cli("index", "explain", name, "2026Q3", "--json").out for name in NAMES]
        said += [cli("log", "show", change["change"], "--json").out for change in cli("log", "--json").json]
        for path in folder.rglob("*.xlsx"):
            for sheet in openpyxl.load_workbook(path):
                said += [str(value) for row in sheet.iter_rows(values_only=True) for value in row if value is not None]
        text = "\n".join(said)
        assert not any(mark in text for mark in marks)


def test_rows_reach_the_history_in_an_order_that_tells_nothing(cli, rated: Given, book_file: Path) -> None:
    raw = sqlite3.connect(book_file)
    [(several, _)] = raw.execute(
        "SELECT change_id, count(*) FROM change_row WHERE ledger = 'rating' GROUP BY 1 HAVING count(*) = 28"
    )
    sql = "SELECT json_extract(after, '$.member_id') FROM change_row WHERE change_id = ? ORDER BY place"
    order = [row[0] for row in raw.execute(sql, (several,))]
    numbers = [
        row[0] for row in raw.execute("SELECT number FROM change_row WHERE change_id = ? ORDER BY place", (several,))
    ]
    raw.close()
    blocks = [order[at : at + 7] for at in range(0, 28, 7)]
    assert numbers == sorted(numbers)
    assert not all(len(set(block)) == 7 for block in blocks)


def test_a_second_form_replaces_and_closing_changes_no_score(cli, rated: Given) -> None:
    before = peers(cli)
    assert cli("backup").code == 0  # it knows the history as it was before
    for name in NAMES:
        scores = sorted(score for (_, whom), score in rated.items() if whom == name)[1:-1]
        assert abs(float(before[name]) - sum(scores) / len(scores)) < 0.001
    assert cli("index", "publish", "2026Q3", "--on", "2026-10-09").code == 0
    assert cli("index", "revise", "2026Q3", "--reason", "核对", "--on", "2026-10-20").code == 0
    assert peers(cli) == before
    assert cli("doctor").code == 0
    assert cli("doctor", "--replay").code == 0
    assert cli("log", "verify").code == 0


def test_after_closing_nothing_in_the_raw_book_joins_them(cli, rated: Given, book_file: Path, tmp_path: Path) -> None:
    codes = [path.read_bytes() for path in (tmp_path / "forms").rglob("互评表-*.xlsx")]
    assert len(codes) == len(NAMES)
    assert cli("index", "publish", "2026Q3", "--on", "2026-10-09").code == 0
    raw = sqlite3.connect(book_file)
    assert raw.execute("SELECT count(*) FROM setting WHERE key LIKE 'raters:%'").fetchone() == (0,)
    marks = [row[0] for row in raw.execute("SELECT rater FROM rating WHERE part = '互评'")]
    assert len(set(marks)) == len(marks) == 56
    secret = raw.execute("SELECT value FROM setting WHERE key = 'secret'").fetchone()[0]
    names = dict(raw.execute("SELECT id, name FROM member"))
    blocks = []
    changes = [row[0] for row in raw.execute("SELECT DISTINCT change_id FROM change_row WHERE ledger = 'rating'")]
    for change in changes:
        sql = (
            "SELECT json_extract(after, '$.member_id'), json_extract(after, '$.score') / 10000 FROM change_row"
            " WHERE change_id = ? AND json_extract(after, '$.member_id') IS NOT NULL ORDER BY place"
        )
        rows = [(names[member], score) for member, score in raw.execute(sql, (change,))]
        blocks += [rows[at : at + 7] for at in range(0, len(rows), 7)]
    texts = " ".join(str(row) for row in raw.execute("SELECT before, after FROM change_row WHERE ledger = 'rating'"))
    raw.close()
    assert tied(blocks, rated) < 0.3 * len(rated)
    assert not any(sha256(f"{secret}:{member}".encode()).hexdigest()[:20] in texts for member in names)
    assert all(mark in texts for mark in marks)


def test_codes_change_each_quarter_and_a_closed_one_takes_no_more(cli, rated: Given, tmp_path: Path) -> None:
    first = {path.name for path in handed_out(tmp_path / "forms").values()}
    cli("service", "add", "--kind", "义诊", "--on", "2026-05-15", "--title", "义诊", "--member", NAMES[0])
    assert cli("index", "forms", "2026Q2", "--out", tmp_path / "more").code == 0
    assert not first & {path.name for path in handed_out(tmp_path / "more").values()}
    cli("index", "publish", "2026Q3", "--on", "2026-10-09")
    path = next(iter(handed_out(tmp_path / "forms").values()))
    fill(path, {NAMES[1]: 66})
    assert cli("import", path, "--yes").code == 4


def test_a_rater_is_known_whatever_the_order_of_the_columns(branch, tmp_path: Path) -> None:
    sheet = tmp_path / "互评.csv"
    sheet.write_text("评议人,得分,被评议人,评议方式,季度\n李四,90,张三,互评,2026Q3\n", "utf8")
    assert branch("import", sheet, "--ledger", "rating").code == 0
    assert (
        branch("import", sheet, "--ledger", "rating", "--json").json["files"][0]["sheets"][0]["rows"]["unchanged"] == 1
    )


def test_a_self_rating_that_named_its_rater_is_counted_after_closing(branch, tmp_path: Path) -> None:
    sheet = tmp_path / "自评.csv"
    sheet.write_text("姓名,评议人,得分,评议方式,季度\n李四,李四,90,自评,2026Q3\n", "utf8")
    assert branch("import", sheet, "--ledger", "rating").code == 0
    for words in (("publish",), ("revise", "--reason", "核对")):
        assert branch("index", words[0], "2026Q3", *words[1:], "--on", "2026-10-09").code == 0
        assert branch("index", "explain", "李四", "2026Q3", "--json").json["parts"]["self"] == "90"


def test_a_book_put_back_to_before_the_closing_is_no_forgery(
    cli, rated: Given, book_file: Path, tmp_path: Path
) -> None:
    """A backup from after it knows the history as it was dealt out anew."""
    before = tmp_path / "before.db"
    for words in (
        ("backup", before),
        ("index", "compute", "2026Q3"),
        ("index", "publish", "2026Q3"),
        ("backup",),
        ("restore", before, "--yes"),
        ("doctor",),
    ):
        assert (done := cli(*words)).code == 0, (words, done.out, done.err)
