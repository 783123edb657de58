"""The root command (partybuild): the commands in panels, and the options that stand before them."""

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache, partial
from importlib import import_module
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, cast

import typer
from typer import Abort, Context, Exit

from partybuild_cli import __version__
from partybuild_cli.cli import session
from partybuild_cli.cli.lazy import LazyCommand, LazyGroup, Loaded, bold, flag, later, option
from partybuild_cli.errors import Unfit, UsageFault, why
from partybuild_cli.records.base.registry import captions
from partybuild_cli.values.text import display_width, padded

with later():
    from partybuild_cli.cli import verbs

#: Name -> help line, and the application of that module under `commands/`; panel by panel, in the order of the help page.
_COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "台账": {},
    "进出": {
        "import": ("导入已有的 Excel、CSV 台账", "import_.app"),
        "export": ("导出迎检用的 Excel 台账", "delivery.export_app"),
        "template": ("生成空白台账模板", "delivery.template_app"),
        "evidence": ("佐证文件：照片、签到表附在记录上", "papers.evidence_app"),
        "document": ("会议记录、通知、公示、总结、述职等 Word 文书", "papers.app"),
        "collect": ("汇总各支部的数据库或台账到党委", "delivery.collect_app"),
    },
    "先锋指数": {"index": ("先锋指数：计算、排名、逐项说明、公示", "index.app")},
    "查看": {
        "menu": ("菜单：看要办什么，按序号选，一问一答", "menu.app"),
        "status": ("一屏看清本支部现在的情况", "look.status_app"),
        "remind": ("本月要办的事，一段文字，直接发到群里", "look.remind_app"),
        "check": ("自查：规定要求而记录里没有的", "look.check_app"),
        "report": ("支部常引用的数据，附口径和图表", "look.report_app"),
        "search": ("在所有台账里找一段文字", "look.search_app"),
        "log": ("谁在什么时候改了什么", "care.log_app"),
    },
    "定期": {
        "quarterly": ("每季度定时导出：台账、指数、公示表", "delivery.quarterly_app"),
        "bundle": ("迎检资料包：一期的全部台账、公示表、自查和报告", "delivery.bundle_app"),
    },
    "维护": {
        "init": ("新建数据库和第一个党支部", "care.init_app"),
        "settings": ("本单位定一次的事：建立了哪些制度、公示受理人等", "care.settings_app"),
        "undo": ("整个撤销一次变更，如一次导入", "care.undo_app"),
        "backup": ("备份数据库，检查过才算数", "care.backup_app"),
        "restore": ("从备份恢复，搬到新电脑", "care.restore_app"),
        "doctor": ("检查数据库是否完好", "care.doctor_app"),
        "encrypt": ("给数据库加密、换密钥、取消加密", "care.encrypt_app"),
        "demo": ("用样例台账把主要工作走一遍", "menu.demo_app"),
        "manual": ("随程序附带的手册", "look.manual_app"),
    },
}
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv")
_ABOUT = "公立医院党支部的台账本。一次录入，先锋指数、公示表、迎检台账随时生成。"
_DB = "数据库文件；不写则用本机用户数据目录中的 partybuild.db"
_KEY = "加密数据库的密钥，写在这个文件的第一行；不写则询问"
_OPTIONS = """
选项
  --db 文件  数据库；不写则用 PARTYBUILD_DB，再没有则用本机用户数据目录
  --key-file 文件  加密数据库的密钥；不写则用 PARTYBUILD_KEY_FILE，没有则询问
  --version  版本号    --install-completion  安装命令补全    --help  这一页"""
#: The options of completion: their help, and what is said when it was done.
_COMPLETION = {
    "install_completion": (
        "为当前的 shell 安装命令补全",
        "已为当前的 shell 装好命令补全。重新打开终端以后，按 Tab 键补全。",
    ),
    "show_completion": ("显示补全脚本，便于复制或自行安装", ""),
}


def _load(place: str) -> Loaded:
    """The command of a module under `commands/`, or the group of a ledger."""
    module, _, name = place.partition(".")
    if not name:
        return verbs.ledger_group(module)
    app = getattr(import_module(f"partybuild_cli.cli.commands.{module}"), name)
    return cast(Loaded, typer.main.get_command(app))


class Root(LazyGroup):
    entries = {
        name: LazyCommand(f"{caption}：登记、查看、修改", "台账", partial(_load, name))
        for name, caption in captions().items()
        if name != "rating"
    } | {
        name: LazyCommand(help, panel, partial(_load, place))
        for panel, commands in _COMMANDS.items()
        for name, (help, place) in commands.items()
    }

    def invoke(self, ctx: Context) -> object:  # type: ignore[override]
        """Run the command; from here on every hint names the book that was chosen."""
        session.begin(ctx)
        if ctx.params["version"]:
            print(f"partybuild {__version__}")
            return 0
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Abort from None  # Typer ends without a word otherwise

    def resolve_command(  # type: ignore[override]
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Loaded | None, list[str]]:
        """The command that is called; a workbook in its place is to be imported (拖到图标上的工作簿)."""
        if args[0] not in self.entries and (Path(args[0]).is_file() or Path(args[0]).suffix.lower() in WORKBOOKS):
            args = ["import", "--ask", *args]
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: Context) -> str:  # type: ignore[override]
        """Every command on one screen, panel by panel, ledgers three to a line."""
        parts = [
            f"partybuild：{_ABOUT}".replace("本。", "本。\n", 1),
            "",
            "用法：partybuild [--db 文件] 命令 …      每个命令后加 --help 看写法",
        ]
        for panel in _COMMANDS:
            known = {name: entry.help for name, entry in self.entries.items() if entry.panel == panel}
            if panel == "台账":
                parts += ["", f"{bold(panel)}    每个台账都有 add 登记、list 列出、show 查看、edit 修改、remove 删除"]
                cells = [(name, said.partition("：登记")[0].removesuffix("台账")) for name, said in known.items()]
                columns = [
                    [padded(name, max(len(text) for text, _ in column) + 1) + said for name, said in column]
                    for column in (cells[at::3] for at in range(3))
                ]
                wide = [max(map(display_width, column)) + 2 for column in columns]
                lines = zip_longest(*columns, fillvalue="")
                parts += ["  " + "".join(map(padded, line, wide)).rstrip() for line in lines]
            else:
                parts += ["", bold(panel), *(f"  {name:<11}{said}" for name, said in known.items())]
        return "\n".join([*parts, _OPTIONS])


app = typer.Typer(cls=Root, name="partybuild", help=_ABOUT, pretty_exceptions_enable=False)


@app.callback()
def root(
    db: Annotated[Path | None, option("文件", _DB, "--db", envvar="PARTYBUILD_DB")] = None,
    key_file: Annotated[Path | None, option("文件", _KEY, envvar="PARTYBUILD_KEY_FILE")] = None,
    version: Annotated[bool, flag("--version", "显示版本号")] = False,
) -> None:
    """公立医院党支部的台账本：一次录入，先锋指数、公示表、迎检台账随时生成。"""
    # the book and its key are looked up where they are needed (`session.book_path`, `session.key_file`)


def _complete(callback: Callable[..., object], done: str, ctx: Context, param: object, value: object) -> object:
    """Typer's callback of an option of completion (命令补全), whose own words are English; `done` is said in their place."""
    if not value or ctx.resilient_parsing:
        return value
    try:
        with redirect_stdout(StringIO()) as said, redirect_stderr(StringIO()):
            return callback(ctx, param, value)
    except SystemExit:
        print(done or said.getvalue().strip())
        raise Exit from None
    except Exit:
        raise UsageFault("认不出这里是哪一种 shell，请在 bash、zsh、fish 或 PowerShell 里运行。") from None
    except OSError as fault:
        raise Unfit(
            f"命令补全没有装上（{why(fault)}），可用 partybuild --show-completion 显示脚本，自行安装。"
        ) from None


@cache
def command() -> Root:
    made = cast(Root, typer.main.get_command(app))
    for parameter in made.params:
        if parameter.name in _COMPLETION and parameter.callback:
            help, done = _COMPLETION[parameter.name]
            vars(parameter).update(help=help, callback=partial(_complete, parameter.callback, done))
    return made
