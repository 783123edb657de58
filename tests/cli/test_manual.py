"""`manual`: the pages that ship inside, on the terminal and as HTML."""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def test_the_contents_and_a_page(cli: Any) -> None:
    assert "quarterly\t每季度自动导出" in cli("manual").out
    assert cli("manual", "quarterly").out == cli("manual", "每季度自动导出").out
    assert "crontab" in cli("manual", "quarterly").out
    missing = cli("manual", "没有这页")
    assert (missing.code, "看目录" in missing.err) == (3, True)


def test_every_link_of_the_html_leads_somewhere(cli: Any, tmp_path: Path) -> None:
    for _ in range(2):  # the second time over the first
        assert cli("manual", "--html", tmp_path / "手册").code == 0
    written = list((tmp_path / "手册").rglob("*.html"))
    assert len(written) == len(list((ROOT / "docs").rglob("*.md")))
    for path in written:
        text = path.read_text(encoding="utf8")
        for link in re.findall(r'href="(?![a-z]+:)([^"#]+)', text):
            assert (path.parent / link).exists() or not link.endswith(".html"), (path.name, link)


def test_the_wheel_holds_every_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert pages | {"docs/ledgers"} == set(shipped)
