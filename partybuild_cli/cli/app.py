"""The root command (partybuild): the list of commands in panels, and the options that stand before them."""

from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from partybuild_cli import __version__
from partybuild_cli.cli import session
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import Entry, LazyGroup
from partybuild_cli.errors import PartybuildError
from partybuild_cli.records.base.registry import captions

_LEDGERS, _EXCEL, _INDEX, _LOOK, _CRON, _CARE = "台账", "进出", "先锋指数", "查看", "定期", "维护"

#: Name -> help line, panel. The module of the same name under `commands/` holds `app`.
_COMMANDS = {
    "init": ("新建数据库和第一个党支部", _CARE),
    "encrypt": ("给数据库加密、换密钥、取消加密", _CARE),
    "import": ("导入已有的 Excel、CSV 台账", _EXCEL),
    "export": ("导出迎检用的 Excel 台账", _EXCEL),
    "template": ("生成空白台账模板", _EXCEL),
    "index": ("先锋指数：计算、排名、逐项说明、公示", _INDEX),
    "status": ("一屏看清本支部现在的情况", _LOOK),
    "check": ("自查：规定要求而记录里没有的", _LOOK),
    "report": ("支部常引用的数据，附口径和图表", _LOOK),
    "log": ("谁在什么时候改了什么", _LOOK),
    "undo": ("整个撤销一次变更，如一次导入", _CARE),
    "backup": ("备份数据库，检查过才算数", _CARE),
    "restore": ("从备份恢复，搬到新电脑", _CARE),
    "doctor": ("检查数据库是否完好", _CARE),
    "quarterly": ("每季度定时导出：台账、指数、公示表", _CRON),
    "bundle": ("迎检资料包：一期的全部台账、公示表、自查和报告", _CRON),
    "manual": ("随程序附带的手册", _CARE),
    "demo": ("用样例台账把主要工作走一遍", _CARE),
}
_COMPLETION = {
    "install_completion": "为当前的 shell 安装命令补全",
    "show_completion": "显示补全脚本，便于复制或自行安装",
}
_ORDER = (
    "import",
    "export",
    "template",
    "index",
    "status",
    "check",
    "report",
    "log",
    "quarterly",
    "bundle",
    "undo",
    "backup",
    "restore",
    "doctor",
    "encrypt",
    "init",
    "demo",
    "manual",
)


def _load_module(name: str) -> Any:
    module = import_module(f"partybuild_cli.cli.commands.{name.replace('import', 'import_')}")
    return typer.main.get_command(module.app)


def _load_ledger(name: str) -> Any:
    from partybuild_cli.cli.verbs import ledger_group

    return ledger_group(name)


@cache
def _entries() -> dict[str, Entry]:
    ledgers = {
        name: Entry(f"{caption}：登记、查看、修改", _LEDGERS, partial(_load_ledger, name))
        for name, caption in captions().items()
        if name != "rating"
    }
    others = {name: Entry(*_COMMANDS[name], partial(_load_module, name)) for name in _ORDER}
    return ledgers | others


class Root(LazyGroup):
    """The root group."""

    entries = _entries()

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a sentence of what went wrong names commands that work as they stand."""
        session.begin(ctx)
        try:
            return super().invoke(ctx)
        except PartybuildError as fault:
            fault.sentence = pasteable(fault.sentence)
            raise
        except KeyboardInterrupt:
            raise typer.Abort from None  # Typer ends without a word otherwise

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """One screen: the commands in panels, ledgers three to a line."""
        from partybuild_cli.cli.overview import print_overview

        print_overview(self.entries)


app = typer.Typer(
    cls=Root,
    name="partybuild",
    help="公立医院党支部的台账本：一次录入，先锋指数、公示表、迎检台账随时生成。",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"partybuild {__version__}")
        raise typer.Exit


@app.callback()
def root(
    db: Annotated[
        Path | None,
        typer.Option(
            "--db",
            envvar="PARTYBUILD_DB",
            metavar="文件",
            help="数据库文件；不写则用本机用户数据目录中的 partybuild.db",
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            envvar="PARTYBUILD_KEY_FILE", metavar="文件", help="加密数据库的密钥，写在这个文件的第一行；不写则询问"
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="显示版本号")
    ] = False,
) -> None:
    """公立医院党支部的台账本：一次录入，先锋指数、公示表、迎检台账随时生成。"""
    from partybuild_cli.cli.secret import use_key  # the book itself is looked up by `session.book_path`
    from partybuild_cli.records.base.registry import shapes
    from partybuild_cli.store.shape import declare

    use_key(key_file)
    declare(shapes)


@cache
def command() -> Any:
    """The root command, ready to run."""
    made: Any = typer.main.get_command(app)
    for parameter in made.params:
        parameter.help = _COMPLETION.get(parameter.name, parameter.help)
    return made
