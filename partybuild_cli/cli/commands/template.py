"""`template`: blank workbooks to fill in (空白模板)."""

from pathlib import Path
from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import ledger_words
from partybuild_cli.cli.lazy import Commands

app = Commands()


@app.command()
def template(
    ledger: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="台账…", help="要哪些台账的模板，如 member meeting；不写则全部", autocompletion=ledger_words
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="文件夹", help="放到哪个文件夹")] = Path(),
    unit: Annotated[str, typer.Option(metavar="名称", help="写在标题里的单位名称")] = "",
) -> None:
    """生成空白台账：表头与导出一致，带下拉选项、一行示例和填写说明；填好后用 import 导入。"""
    from partybuild_cli.outputs import Shelf
    from partybuild_cli.records.base.registry import ledgers, record
    from partybuild_cli.sheets.exporting import write_blank

    shelf = Shelf(out, screen.note)
    for name in ledger or ledgers():
        kind = record(name)
        path = shelf.place(f"{kind.caption}模板.xlsx")
        write_blank(kind, path, unit)
        screen.say(str(path))
