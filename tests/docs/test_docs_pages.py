"""The manual holds together: links lead somewhere, commands exist, examples are true, clerks read no English."""

import ast
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from generate import DOCS

from partybuild_cli.index.schemes import built_in_text, parse_scheme
from partybuild_cli.index.schemes import faults_of
from partybuild_cli.records.base.registry import all_records

ROOT = DOCS.parent
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
FOR_CLERKS = [page for page in PAGES if page.name not in ("architecture.md", "contributing.md", "glossary.md")]
#: What stands for the clerk's own words where the parser wants a number or a quarter.
PLACES = {"编号": "1", "季度": "2026Q3", "期间": "2026Q3", "年度": "2026", "数据": "F1"}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf8")):
        assert "://" not in target, "the manual needs no network"
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_the_contents_name_every_page():
    linked = {(DOCS / target).resolve() for target in LINK.findall((DOCS / "index.md").read_text(encoding="utf8"))}
    assert {page for page in DOCS.glob("*.md") if page.name != "index.md"} <= linked


@pytest.mark.parametrize("page", FOR_CLERKS, ids=named)
def test_clerks_read_no_english_sentence(page):
    text = page.read_text(encoding="utf8").partition("## In English")[0]
    for noise in (
        r"```.*?```",
        r"`[^`]*`",
        r"<!--.*?-->",
        r"\]\([^)]*\)",
        r"partybuild(?: [a-z]+)+",
        r"\n#+ [a-z ]+\n",
    ):
        text = re.sub(noise, "", text, flags=re.DOTALL)
    assert re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", text) == []


def told_commands() -> list[str]:
    """Every command line that a page shows, with the placeholders that a clerk fills in."""
    found = set()
    for page in FOR_CLERKS:
        text = page.read_text(encoding="utf8")
        lines = [line.removeprefix("$ ") for _, body in FENCE.findall(text) for line in body.splitlines()]
        lines += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
        found |= {
            line[line.index("partybuild ") :] for line in lines if re.match(r"(?:\S*[/\\])?partybuild (?!&&)", line)
        }
        found |= {f"partybuild{tail}" for line in lines for tail in re.findall(r"bin/partybuild( --db .*)", line)}
    return sorted(line for line in found if "…" not in line and "-completion" not in line)


def test_commands_can_be_typed(understood):
    """A page may leave out what a command is of: a number, a quarter."""

    def fits(line: str) -> bool:
        words = [PLACES.get(word, word) for word in shlex.split(re.sub(r" >>.*|[\[\]]", "", line))[1:]]
        return any(understood([*words, *more]) for more in ([], ["1"], ["2026Q3"], ["1", "2026Q3"]))

    assert len(told_commands()) > 400
    assert [line for line in told_commands() if not fits(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_schemes_and_declarations_shown_are_those_of_the_program(page):
    """TOML of the manual stands in the default scheme word for word, or is a sound scheme that extends it."""
    for language, body in FENCE.findall(page.read_text(encoding="utf8")):
        if language == "toml":
            if "extends" in tomllib.loads(body):
                assert faults_of(parse_scheme(body, page.name)) == []
            else:
                assert body in built_in_text("默认方案")


def test_the_tutorial_is_what_the_test_of_a_new_record_type_does():
    source = ast.parse((ROOT / "tests/records/test_extending.py").read_text(encoding="utf8"))
    tried = {
        node.targets[0].id: node.value.value
        for node in source.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    shown = dict(FENCE.findall((DOCS / "contributing.md").read_text(encoding="utf8")))
    assert shown["python"] == tried["PLEDGE"]
    assert shown["sql"] == tried["MIGRATION"]


def test_the_page_of_the_house_names_files_that_there_are():
    named = re.findall(r"[\w/]+\.(?:py|toml)\b", (DOCS / "architecture.md").read_text(encoding="utf8"))
    files = [
        path.as_posix()
        for path in (
            *(ROOT / "partybuild_cli").rglob("*"),
            *(ROOT / "tests").rglob("*.py"),
            *DOCS.rglob("*"),
            ROOT / "pyproject.toml",
        )
    ]
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in files)] == []


def test_the_readme_shows_first_then_installs_then_tries_then_tests():
    first, tests = (
        "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/partybuild demo",
        "python3 -m venv .venv-dev && .venv-dev/bin/pip install -q -c .ci/constraints.txt -e '.[dev]' && "
        ".venv-dev/bin/python -m pytest -n auto",
    )
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    assert (
        readme.index("docs/posting.png") < readme.index("docs/offline.md") < readme.index(first) < readme.index(tests)
    )
    assert "本仓库地址" not in readme, "no placeholder where an address belongs"


def test_the_readme_counts_the_ledgers_that_there_are():
    """Every ledger with commands of its own is one of those to be typed; the number is written in words."""
    typed = [one for one in all_records() if one.command]
    said = re.search(r"登记、查看、修改、删除(.+)种台账", (ROOT / "README.md").read_text(encoding="utf8"))
    words = "零一二三四五六七八九十"
    tens, ones = divmod(len(typed), 10)
    assert said
    assert said[1] == (words[tens] if tens > 1 else "") + "十" + (words[ones] if ones else "")


def test_the_cron_line_and_the_timer_run_the_same_command():
    page = (DOCS / "quarterly.md").read_text(encoding="utf8")
    assert len(re.findall(r"quarterly last --out ", page)) >= 3
    cron = next(line for line in page.splitlines() if line.startswith("30 6 1-10 1,4,7,10 * "))
    assert "OnCalendar=*-01,04,07,10-01..10 06:30:00" in page
    assert "%" not in cron  # cron reads a percent sign as the end of the line


def _commands_of_the_articles() -> list[str]:
    """The commands of the table that says where each figure of an article is kept and printed."""
    table = (DOCS / "figures.md").read_text(encoding="utf8").partition("## 文章里的数据")[2]
    return sorted(
        {span for line in table.splitlines() if line.startswith("|") for span in re.findall(r"`([^`]+)`", line)}
    )


def test_each_figure_of_the_articles_is_kept_and_printed_by_commands_there_are(understood):
    lines = [one for one in _commands_of_the_articles() if one not in ("partybuild", "import")]
    assert len(lines) > 20
    assert [line for line in lines if not understood([PLACES.get(word, word) for word in shlex.split(line)])] == []
