"""The manual that ships inside (手册): its pages as they were written, or as HTML that any browser opens without a network."""

import re
from functools import cache
from pathlib import Path

from partybuild_cli.errors import NotFound
from partybuild_cli.outputs import BLANK_SEAL, Shelf, put

#: Beside the package in its sources, inside it where it is installed.
_PLACES = (Path(__file__).parents[1] / "manual", Path(__file__).parents[2] / "docs")
_FIRST = "index"
#: What a page says to those who make it.
_REMARK = re.compile(r"<!--.*?-->\n+", re.DOTALL)
_STYLE = (
    "body{max-width:46em;margin:2em auto;padding:0 1em;font:16px/1.7 'Microsoft YaHei','Noto Sans CJK SC',sans-serif}"
    "pre{background:#f4f4f4;padding:.8em;overflow:auto}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2em .6em}"
)


@cache
def pages() -> dict[str, Path]:
    """The pages by name, the table of contents first. NotFound in a build that has left the manual out."""
    folder = next((path for path in _PLACES if (path / f"{_FIRST}.md").is_file()), None)
    if folder is None:
        raise NotFound("这个安装里没有手册。请重新安装 partybuild，或看源码里的 docs 文件夹。")
    found = {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.md"))}
    return {_FIRST: found.pop(_FIRST), **found}


def page(name: str) -> str:
    """One page as it was written, by its name or its title. NotFound where there is none."""
    titles = {title_of(path): known for known, path in pages().items()}
    path = pages().get(titles.get(name, name.removesuffix(".md")))
    if path is None:
        raise NotFound(f"手册里没有“{name}”这一页。用 partybuild manual 看目录。")
    return _REMARK.sub("", path.read_text(encoding="utf8"))


def title_of(path: Path) -> str:
    with path.open(encoding="utf8") as file:
        return next(line[2:].strip() for line in file if line.startswith("# "))


def write_html(folder: Path) -> Path:
    """Every page as HTML, led by `index.html`; where that lies."""
    from markdown_it import MarkdownIt

    turn = MarkdownIt("commonmark").enable("table").render
    for name, path in pages().items():
        body = re.sub(r'href="(?![a-z]+:)([^"#]+)\.md', r'href="\1.html', turn(path.read_text(encoding="utf8")))
        text = (
            f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title_of(path)}</title>'
            f"<style>{_STYLE}</style></head><body>\n{body}</body></html>\n<!-- {BLANK_SEAL} -->\n"
        )
        target = Shelf((folder / name).parent).place(f"{Path(name).name}.html")
        put(target, lambda beside, text=text: beside.write_bytes(text.encode()))  # type: ignore[misc]
    return folder / f"{_FIRST}.html"
