"""The demo: its ledgers are what their script makes, its steps leave what they say, and nothing else is touched."""

import json
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib.resources import files
from io import StringIO
from pathlib import Path

import pytest

from partybuild_cli.cli.run import run
from partybuild_cli.demo.story import steps
from partybuild_cli.sheets.reading import read_book
from partybuild_cli.values.people import IdNumber
from tests.conftest import Outcome

ROOT = Path(__file__).parents[2]
SHIPPED = Path(str(files("partybuild_cli.demo") / "ledgers"))
NAMES = sorted(path.name for path in SHIPPED.iterdir())


def program(*arguments: object, cwd: Path) -> Outcome:
    """One run of the program as `python -m partybuild_cli` starts it, in this process."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        patch.chdir(cwd)
        patch.setattr(sys, "argv", [str(ROOT / "partybuild_cli/__main__.py")])
        for name, value in {"PARTYBUILD_DB": str(cwd / "own.db"), "NO_COLOR": "1"}.items():
            patch.setenv(name, value)
        return Outcome(run([str(argument) for argument in arguments]), out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(place: Path) -> Outcome:
    """The demo, run once in its default folder."""
    return program("demo", cwd=place)


@pytest.fixture
def folder(place: Path, told: Outcome) -> Path:
    assert told.code == 0, told.err
    return place / "partybuild-demo"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledgers as their script makes them now."""
    folder = tmp_path_factory.mktemp("made")
    script = ROOT / "tests/fixtures/make_demo_ledgers.py"
    subprocess.run([sys.executable, script, folder], check=True, cwd=script.parent)
    return folder


def cells(path: Path) -> list[tuple[object, ...]]:
    return [
        (sheet.name, sheet.rows, [(one.top, one.left, one.bottom, one.right) for one in sheet.merges])
        for sheet in read_book(path).sheets
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_ships_is_what_the_script_makes(name: str, made: Path):
    if name.endswith(".csv"):
        assert (SHIPPED / name).read_bytes() == (made / name).read_bytes()
    else:
        assert cells(SHIPPED / name) == cells(made / name)


def test_the_script_makes_every_file(made: Path):
    assert sorted(path.name for path in made.iterdir()) == NAMES


def test_every_person_is_invented():
    rows = [row for sheet in read_book(SHIPPED / NAMES[0]).sheets for row in sheet.rows]
    texts = [str(cell) for row in rows for cell in row if cell is not None]
    numbers = [text for text in texts if re.fullmatch(r"\d{17}[\dX]", text)]
    phones = [text for text in texts if re.fullmatch(r"\d{11}", text)]
    assert len(numbers) == len(set(numbers)) == 21
    assert all(number.startswith("119900") and IdNumber().parse(number) == number for number in numbers)
    assert len(phones) == 21
    assert all(phone.startswith("1540") for phone in phones)


def test_everything_lies_where_the_demo_says(told: Outcome, folder: Path):
    assert told.err == ""
    assert sorted(path.name for path in (folder / "台账原件").iterdir()) == NAMES
    ledgers = {path.stem for path in (folder / "迎检台账").iterdir()}
    assert {"党员花名册", "三会一课台账", "志愿服务台账", "任务清单台账", "指标台账"} <= ledgers
    for name in ledgers:
        assert f"{Path('partybuild-demo', '迎检台账', name)}.xlsx" in told.out
    manifest = json.loads((folder / "季度归档/2026Q3/manifest.json").read_text(encoding="utf8"))
    assert f"2026Q3：{len(manifest['files'])} 个文件" in told.out
    for line in (folder / "演示说明.txt").read_text(encoding="utf8").splitlines()[2:]:
        assert (folder / line.partition("　")[0]).exists()


def test_the_ledgers_have_no_problem_and_two_figures_to_check(told: Outcome):
    assert "问题：" not in told.out
    assert "不是台账" not in told.out
    assert re.findall(r"请核对：第 \d+ 行 (\S+)", told.out) == ["党龄", "实到人数"]
    assert "不认识的列原样保留：籍贯" in told.out


def test_the_quarter_shows_a_spread(place: Path, folder: Path):
    listed = json.loads(program("--db", folder / "partybuild.db", "index", "list", "2026Q3", "--json", cwd=place).out)
    members = {one["name"]: one for one in listed["members"]}
    assert len(members) == 21
    assert {one["band"] for one in members.values()} == {"优", "良", "中", "待改进", None}
    assert [name for name, one in members.items() if one["unscored"]] == ["邹凯旋"]
    assert members["叶晴川"]["bonus"] == "3"
    assert members["董思源"]["deduction"] == "10"  # of his dues in August nothing is recorded
    assert "贺子衿" in members  # came on 10 August
    assert members["崔建国"]["no_data"] == ["C2"]
    assert (members["蒋丽华"]["no_data"], members["蒋丽华"]["profile"], members["蒋丽华"]["rank"]) == ([], "退休", 1)


def test_the_explanation_ends_in_the_score_of_the_ranking(told: Outcome):
    ranked = next(line.split("\t") for line in told.out.splitlines() if line.split("\t")[1:2] == ["方志恒"])
    assert f"季度指数 {ranked[3]}（{ranked[4]}），本支部{ranked[0].replace('在岗', '在岗第 ')} 名" in told.out


def test_the_ledgers_imported_again_change_nothing(place: Path, folder: Path):
    originals = sorted((folder / "台账原件").iterdir())
    done = program("--db", folder / "partybuild.db", "import", *originals, "--json", cwd=place)
    assert done.code == 0, done.err
    report = json.loads(done.out)
    counts = [sheet["rows"] for file in report["files"] for sheet in file["sheets"]]
    assert report["change"] is None
    assert all(count["unchanged"] == count["read"] for count in counts)


def test_the_exported_ledgers_imported_again_change_nothing(place: Path, folder: Path):
    exported = sorted((folder / "迎检台账").iterdir())
    done = program("--db", folder / "partybuild.db", "import", *exported, "--json", cwd=place)
    assert done.code == 0, done.err
    assert json.loads(done.out)["change"] is None


@pytest.mark.parametrize("words", [line for _, lines in steps(Path(), []) for line in lines if line[1:2] == ["add"]])
def test_the_commands_that_are_shown_mean_the_same_records(place: Path, told: Outcome, folder: Path, words: list[str]):
    assert f"相当于 partybuild {' '.join(words)}" in told.out
    done = program("--db", folder / "partybuild.db", *words, cwd=place)
    assert done.code == 4
    assert "中已有这条记录" in done.err


def test_the_commands_to_try_next_run(place: Path, told: Outcome, folder: Path):
    lines = told.out.partition("接着试试：")[2].strip().splitlines()
    assert len(lines) == 5
    for line in lines:
        words = shlex.split(line)
        assert words[:5] == ["python", "-m", "partybuild_cli", "--db", "partybuild-demo/partybuild.db"]
        done = program(*words[3:], cwd=place)
        assert done.code == ("check" in words), done.err
        assert done.out


def test_the_own_database_is_not_touched(place: Path, folder: Path):
    assert {path.name for path in place.iterdir()} == {folder.name}


def test_a_former_demo_is_replaced_only_when_told_to(place: Path, folder: Path):
    """What becomes of it then, `tests/faults/test_files.py` tells."""
    before = (folder / "partybuild.db").read_bytes()
    asked = program("demo", cwd=place)
    assert asked.code == 2
    assert "--again" in asked.err
    assert (folder / "partybuild.db").read_bytes() == before


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path):
    (tmp_path / "台账").mkdir()
    (tmp_path / "台账/花名册.xlsx").write_bytes(b"mine")
    done = program("demo", "台账", "--again", cwd=tmp_path)
    assert done.code == 3
    assert "不是演示文件夹，没有动它" in done.err
    assert [path.name for path in (tmp_path / "台账").iterdir()] == ["花名册.xlsx"]


def test_an_empty_folder_will_do_and_a_file_will_not(tmp_path: Path):
    (tmp_path / "空 的").mkdir()
    (tmp_path / "文件").write_text("我的", encoding="utf8")
    done = program("demo", "空 的", cwd=tmp_path)
    assert done.code == 0, done.err
    assert '--db "空 的/partybuild.db" status' in done.out
    refused = program("demo", "文件", cwd=tmp_path)
    assert refused.code == 3
    assert "是文件，不是文件夹" in refused.err


@pytest.mark.parametrize(
    ("called", "found", "said"),
    [
        (
            "/home/u/.cache/uv/archive-v0/x/bin/partybuild",
            "/home/u/.cache/uv/archive-v0/x/bin/partybuild",
            "/home/u/.cache/uv/",
        ),
        (
            "/home/u/.local/share/pipx/.cache/1/bin/partybuild",
            "/home/u/.local/share/pipx/.cache/1/bin/partybuild",
            "/home/u/",
        ),
        ("/opt/党务 程序/partybuild", None, '"/opt/党务 程序/partybuild" --db'),
        ("/home/u/.local/bin/partybuild", "/home/u/.local/bin/partybuild", "partybuild --db"),
        ("/x/partybuild_cli/__main__.py", None, "python -m partybuild_cli --db"),
    ],
)
def test_what_it_names_can_be_typed(monkeypatch, called, found, said):
    from partybuild_cli.cli.commands import menu

    monkeypatch.setattr(menu.sys, "argv", [called])
    monkeypatch.setattr(menu, "which", lambda _: found)
    assert menu._called(Path("d")).startswith(said)


def test_no_score_of_the_committee_lacks_its_reason(folder: Path):
    done = program("--db", folder / "partybuild.db", "index", "compute", "2026Q3", cwd=folder)
    assert done.code == 0, done.err
    assert "请补写理由" not in done.err
