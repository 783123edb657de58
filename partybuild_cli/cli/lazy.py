"""Commands as the clerk meets them (命令): loaded when they are called, explained and refused in Chinese.

Typer's parser does the parsing; whatever it complains of becomes a sentence of ours by the class and the attributes of
the complaint, never by its English words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import signature
from typing import Any, TypeVar

from typer import Context, Exit, Typer, TyperException
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.models import ParameterInfo

from partybuild_cli.cli.help import called, page
from partybuild_cli.errors import UsageFault

Function = TypeVar("Function", bound=Callable[..., Any])


class ChineseCommand(TyperCommand):
    """A command whose help and complaints are Chinese."""

    allow_extra_args = True  # so that the complaint about them is ours

    def get_help(self, ctx: Context) -> str:  # type: ignore[override]
        """The help page."""
        return page(ctx, self.help or "", self.params, [], self.epilog)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Understand the command line, or say what is wrong with it."""
        words = [*args]
        try:
            rest = super().parse_args(ctx, args)
        except TyperException as fault:
            raise _complaint(_said(fault, self.params), ctx) from None
        if not ctx.resilient_parsing:
            _refuse_repeated(self.params, ctx, words)
            if rest:
                raise _complaint(f"多出了参数 {' '.join(rest)}", ctx)
        return rest


def reads_nothing(function: Function) -> Function:
    """Let the parser look at no file: one that nobody may read is refused by who reads it, in a sentence of ours."""
    for parameter in signature(function).parameters.values():
        for declared in getattr(parameter.annotation, "__metadata__", ()):
            if isinstance(declared, ParameterInfo):
                declared.readable = False
    return function


class Commands(Typer):
    """A Typer application whose commands are Chinese ones; `example` is the command line that ends a help page."""

    def __init__(self, help: str | None = None, example: str | None = None) -> None:
        super().__init__(cls=LazyGroup, help=help, epilog=example, add_completion=False)

    def command(self, name: str | None = None, *, example: str = "", **settings: Any) -> Callable[[Function], Function]:
        """Declare a command."""
        declare = super().command(name, **{"cls": ChineseCommand, "epilog": example, **settings})
        return lambda function: declare(reads_nothing(function))


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command that is not loaded yet: its line in the help, its panel, and how to load it."""

    help: str
    panel: str
    load: Callable[[], TyperCommand | TyperGroup]


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and one line, and loads the one that is called."""

    entries: Mapping[str, LazyCommand] = {}
    _listing = False

    def list_commands(self, ctx: Context) -> list[str]:  # type: ignore[override]
        """The names, in the order of the help page."""
        return [*self.entries, *self.commands]

    def get_command(self, ctx: Context, cmd_name: str) -> Any:  # type: ignore[override]
        """The command itself, or while listing a stand-in that has only its name and its line."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return self.commands.get(cmd_name)
        return TyperCommand(cmd_name, help=entry.help) if self._listing else entry.load()

    def resolve_command(self, ctx: Context, args: list[str]) -> Any:  # type: ignore[override]
        """The command that is called. UsageFault names those that are nearly called so."""
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            near = get_close_matches(args[0], self.list_commands(ctx))
            raise _complaint(f"没有命令 {args[0]}{_perhaps(near)}", ctx)
        return args[0] if command else None, command, args[1:]

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Understand what stands before the command; without a word, the help is all there is to say."""
        if not args and not self.invoke_without_command and not ctx.resilient_parsing:
            print(self.get_help(ctx))
            raise Exit(0 if ctx.parent is None else 2)
        words = [*args]
        try:
            rest = super().parse_args(ctx, args)
        except TyperException as fault:
            raise _complaint(_said(fault, self.params), ctx) from None
        if not ctx.resilient_parsing:
            _refuse_repeated(self.params, ctx, words, whole=False)
        return rest

    def invoke(self, ctx: Context) -> Any:  # type: ignore[override]
        """Run the command; the parser's only complaint that is left is that none was written."""
        try:
            return super().invoke(ctx)
        except TyperException:
            raise _complaint("还没有写要做什么", ctx) from None

    def shell_complete(self, ctx: Context, incomplete: str) -> Any:  # type: ignore[override]
        """Complete the names of commands without loading them."""
        self._listing = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._listing = False

    def get_help(self, ctx: Context) -> str:  # type: ignore[override]
        """The help page."""
        lines = {name: one.help for name, one in self.entries.items()} | {
            n: one.help for n, one in self.commands.items()
        }
        commands = [(name, help or "") for name, help in lines.items()]
        return page(ctx, self.help or "", self.params, commands, self.epilog)


def by_itself(context: Context) -> bool:
    """Whether a group does its own work, as no command of it was written. UsageFault for options that would then be lost."""
    if context.invoked_subcommand is None:
        return True
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise _complaint(f"选项 {option.opts[0]} 请写在 {context.invoked_subcommand} 后面", context)
    return False


def _complaint(said: str, context: Context) -> UsageFault:
    return UsageFault(f"{said}。用 {context.command_path} --help 查看写法。")


def _said(fault: TyperException, params: Iterable[object]) -> str:
    """What the parser complains of."""
    flag = getattr(fault, "option_name", None)
    if flag is not None and hasattr(fault, "possibilities"):
        return f"没有选项 {flag}{_perhaps(fault.possibilities or ())}"
    if flag is not None:
        option = _by_flag(params).get(flag)
        return f"选项 {flag} 后面{'不能' if option and option.is_flag else '要'}有值"
    param = getattr(fault, "param", None)
    if not isinstance(param, TyperArgument | TyperOption):
        return fault.message.rstrip("。.")
    if hasattr(fault, "param_type"):
        return f"缺少{'选项' if isinstance(param, TyperOption) else '参数'} {called(param)}"
    return f"{called(param)} 的值不对：{fault.message.rstrip('。')}"


def _perhaps(near: Iterable[str]) -> str:
    return f"（是不是 {'、'.join(near)}）" if near else ""


def _by_flag(params: Iterable[object]) -> dict[str, TyperOption]:
    options = (one for one in params if isinstance(one, TyperOption))
    return {flag: one for one in options for flag in (*one.opts, *one.secondary_opts)}


def _refuse_repeated(params: Iterable[object], context: Context, words: list[str], whole: bool = True) -> None:
    """No option ever drops a value: one that takes a single value is written once. The parser keeps only the last.

    `whole` is false where the words of a command stand behind those of its group.
    """
    options = _by_flag(params)
    seen: set[str | None] = set()
    left = iter(words)
    for word in left:
        flag, equals, _ = word.partition("=")
        option = options.get(flag)
        if word == "--" or (not whole and not word.startswith("-")):
            return
        if option is None or option.is_flag:
            continue
        if not equals:
            next(left, None)
        if option.name in seen and not option.multiple:
            raise _complaint(f"选项 {flag} 只能写一个值，这里写了不止一个，没有写入任何内容，请只留一个", context)
        seen.add(option.name)
