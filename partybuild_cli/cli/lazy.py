"""Commands as the clerk meets them (命令): loaded when they are called, explained and refused in Chinese.

Typer's parser does the parsing; whatever it complains of becomes a sentence of ours by the class and the attributes of
the complaint, never by its English words. Help pages (说明页) are plain text, folded to the screen, so that a Chinese
sentence is never cut off.
"""

import os
import re
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from inspect import Parameter, Signature, signature
from pathlib import Path
from shutil import get_terminal_size
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from typer import Argument, Context, Exit, Option, Typer, TyperException
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from partybuild_cli.errors import UsageFault
from partybuild_cli.values.text import display_width, padded

Text = str | None
Several = list[str] | None
Place = Path | None
Loaded = TyperCommand | TyperGroup
Function = TypeVar("Function", bound=Callable[..., object])
#: What stands before the meaning of what a command cannot do without.
NEEDED = "[必填]"
#: A longer name stands on a line of its own; and what never begins a line.
_NAME, _NEVER_FIRST = 30, "，。；：、）”？！"
_PIECES = re.compile(r"[!-~]+|\s+|.")


class _StandIn(ModuleType):
    """Stands for a module, which is loaded when something of it is first asked for."""

    def __getattr__(self, key: str) -> Any:
        if _Later in sys.meta_path:  # nothing is asked for yet
            raise AttributeError(key)
        return getattr(import_module(self.__name__), key)


class _Later(Loader):
    """Finds stand-ins for modules of ours, and loads none."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec:
        return ModuleSpec(name, _Later(), is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Not yet."""


@contextmanager
def later() -> Iterator[None]:
    """Modules imported in this block are loaded when they are first used, so that help and Tab answer at once.

    They are imported whole: a name out of one would have to be there at once.
    """
    sys.meta_path.insert(0, _Later)
    try:
        yield
    finally:
        sys.meta_path.remove(_Later)
        for name, module in [*sys.modules.items()]:
            if isinstance(module, _StandIn):  # whoever else imports the module gets the module
                del sys.modules[name]
                package, _, own = name.rpartition(".")
                if vars(sys.modules.get(package, module)).get(own) is module:
                    delattr(sys.modules[package], own)


class ChineseCommand(TyperCommand):
    """A command whose help and complaints are Chinese."""

    allow_extra_args = True  # so that the complaint about them is ours

    @property
    def epilog(self) -> str:
        """The example that ends the help page, made when it is asked for."""
        return self._example() if callable(self._example) else self._example or ""

    @epilog.setter
    def epilog(self, example: str | Callable[[], str] | None) -> None:
        self._example = example

    def get_help(self, ctx: Context) -> str:  # type: ignore[override]
        return _page(ctx, self.epilog)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Understand the command line, or say what is wrong with it."""
        rest = _parsed(super().parse_args, ctx, args)
        if rest and not ctx.resilient_parsing:
            flags = (param.opts[0] for param in self.params if NEEDED in (getattr(param, "help", "") or ""))
            perhaps = _perhaps([f"{flag} {rest[0]}" for flag in flags if flag not in args][:1])
            raise _complaint(f"多出了参数 {' '.join(rest)}{perhaps}", ctx)
        return rest


class Commands(Typer):
    """A Typer application whose commands are Chinese ones; `example` is the command line that ends a help page."""

    def __init__(self, help: str | None = None, example: str | None = None) -> None:
        super().__init__(cls=LazyGroup, help=help, epilog=example, add_completion=False)

    def command(  # type: ignore[override]
        self, name: str | None = None, *, example: str = "", help: str | None = None
    ) -> Callable[[Function], Function]:
        return super().command(name, cls=ChineseCommand, help=help, epilog=example)


def option(metavar: str | None, help: str, *flags: str, **more: Any) -> Any:
    """An option with a value; `readable`: a file that nobody may read is refused by who reads it, in a sentence of ours."""
    return Option(*flags, metavar=metavar, help=help, readable=False, **more)


def argument(metavar: str, help: str, **more: Any) -> Any:
    return Argument(metavar=metavar, help=help, readable=False, **more)


def flag(name: str, help: str, *others: str) -> Any:
    return Option(name, *others, help=help)


def words(choices: Sequence[str]) -> Callable[[Context, list[str], str], list[tuple[str, str]]]:
    """What Tab offers of some words."""
    return lambda ctx, args, incomplete: [(word, "") for word in choices if word.startswith(incomplete)]


def parameter(name: str, annotation: object, default: object = None) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def signed(run: Function, parameters: Sequence[Parameter], without: Container[str] = ()) -> Function:
    """A function as Typer shall see it: these parameters, by name, stand for its `**values`, and before what it takes by name;
    `without` those of its own that mean nothing here.
    """
    first, behind = [], []
    for each in signature(run).parameters.values():
        if each.kind == each.KEYWORD_ONLY and each.name not in without:
            behind.append(each)
        elif each.kind == each.POSITIONAL_OR_KEYWORD and each.name not in without:
            first.append(each.replace(kind=each.KEYWORD_ONLY))
    vars(run)["__signature__"] = Signature([*first, *parameters, *behind])
    return run


class LazyCommand(NamedTuple):
    """A command that is not loaded yet: its line in the help, its panel, and how to load it."""

    help: str
    panel: str
    load: Callable[[], Loaded]


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and one line, and loads the one that is called."""

    entries: Mapping[str, LazyCommand] = {}

    def list_commands(self, ctx: Context) -> list[str]:  # type: ignore[override]
        return [*self.entries, *self.commands]

    def get_command(self, ctx: Context | None, cmd_name: str) -> Loaded | None:  # type: ignore[override]
        """The command itself; where the shell asks for its name, a stand-in that has only that and its line."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return self.commands.get(cmd_name)  # type: ignore[return-value]
        return TyperCommand(cmd_name, help=entry.help) if ctx and ctx.resilient_parsing else entry.load()

    def resolve_command(  # type: ignore[override]
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Loaded | None, list[str]]:
        """The command that is called. UsageFault names those that are nearly called so."""
        command = self.get_command(None, args[0])
        if command is None and not ctx.resilient_parsing:
            near = get_close_matches(args[0], self.list_commands(ctx))
            raise _complaint(f"没有命令 {args[0]}{_perhaps(near)}", ctx)
        return args[0] if command else None, command, args[1:]

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Understand what stands before the command; without a word, the help is all there is to say."""
        if not args and not self.invoke_without_command and not ctx.resilient_parsing:
            print(self.get_help(ctx))
            raise Exit(0 if ctx.parent is None else 2)
        return _parsed(super().parse_args, ctx, args, whole=False)

    def invoke(self, ctx: Context) -> object:  # type: ignore[override]
        """Run the command; the parser's only complaint that is left is that none was written."""
        try:
            return super().invoke(ctx)
        except TyperException:
            raise _complaint("还没有写要做什么", ctx) from None

    def get_help(self, ctx: Context) -> str:  # type: ignore[override]
        known = [(name, entry.help) for name, entry in self.entries.items()]
        known += [(name, command.help or "") for name, command in self.commands.items()]
        return _page(ctx, self.epilog, known)


def typed(context: Context) -> list[TyperOption]:
    """The options that were typed, and not taken from the environment or left as they are."""
    options = (option for option in context.command.params if isinstance(option, TyperOption) and option.name)
    sources = ((option, context.get_parameter_source(option.name or "")) for option in options)
    return [option for option, source in sources if source and source.name == "COMMANDLINE"]


def by_itself(context: Context) -> bool:
    """Whether a group does its own work, as no command of it was written. UsageFault for options that would then be lost."""
    if context.invoked_subcommand and (lost := typed(context)):
        raise _complaint(f"选项 {lost[0].opts[0]} 请写在 {context.invoked_subcommand} 后面", context)
    return context.invoked_subcommand is None


def _complaint(said: str, context: Context) -> UsageFault:
    return UsageFault(f"{said}。用 {context.command_path} --help 查看写法。")


def _parsed(
    parse: Callable[[Context, list[str]], list[str]], context: Context, words: list[str], whole: bool = True
) -> list[str]:
    """What is left when the parser has understood the words; its complaint is said in ours.

    No option ever drops a value: one that takes a single value is written once, for the parser keeps only the last.
    `whole` is false where the words of a command stand behind those of its group.
    """
    options, params = dict[str, TyperOption](), context.command.params
    for param in params:
        if isinstance(param, TyperOption):
            options |= dict.fromkeys((*param.opts, *param.secondary_opts), param)
    left, seen = iter([*words]), set[str | None]()
    try:
        rest = parse(context, words)
    except TyperException as fault:
        places = {f"--{argument.name}": called(argument) for argument in params if isinstance(argument, TyperArgument)}
        raise _complaint(_said(fault, options, places), context) from None
    for word in left if not context.resilient_parsing else ():
        flag, equals, _ = word.partition("=")
        option = options.get(flag)
        if word == "--" or (not whole and not word.startswith("-")):
            break
        if option is None or option.is_flag:
            continue
        if not equals:
            next(left, None)
        if option.name in seen and not option.multiple:
            raise _complaint(f"选项 {flag} 只能写一个值，这里写了不止一个，没有写入任何内容，请只留一个", context)
        seen.add(option.name)
    return rest


def _said(fault: TyperException, options: Mapping[str, TyperOption], places: Mapping[str, str]) -> str:
    flag = getattr(fault, "option_name", None)
    if flag is not None and hasattr(fault, "possibilities"):
        perhaps = _perhaps(fault.possibilities or ())
        return f"没有选项 {flag}{f'，{places[flag]}不用选项，请直接写' if flag in places else perhaps}"
    if flag is not None:
        return f"选项 {flag} 后面{'不能' if flag in options and options[flag].is_flag else '要'}有值"
    param = getattr(fault, "param", None)
    if not isinstance(param, TyperArgument | TyperOption):
        return fault.message.rstrip("。.")
    if hasattr(fault, "param_type"):
        return f"缺少{'选项' if isinstance(param, TyperOption) else '参数'} {called(param)}"
    return f"{called(param)} 的值不对：{fault.message.rstrip('。')}"


def _perhaps(near: Iterable[str]) -> str:
    return f"（是不是 {'、'.join(near)}）" if near else ""


def called(option: TyperArgument | TyperOption) -> str:
    """What an argument or option is called: its place in the command line, or its flag."""
    return option.opts[0] if isinstance(option, TyperOption) else (option.metavar or option.name or "").strip("[]")


def _page(context: Context, example: str | None, commands: Sequence[tuple[str, str]] = ()) -> str:
    """The help of one command or group, which ends with an example that can be pasted."""
    options = [option for option in context.command.params if isinstance(option, TyperOption) and not option.hidden]
    places = [
        argument for argument in context.command.params if isinstance(argument, TyperArgument) and not argument.hidden
    ]
    order = [called(argument) if argument.required else f"[{called(argument)}]" for argument in places]
    flags = [
        ", ".join(option.opts) + ("" if option.is_flag or not option.metavar else f" {option.metavar}")
        for option in options
    ]
    lines = [(flag, _meaning(option)) for flag, option in zip(flags, options, strict=True)]
    parts = [
        f"用法：{' '.join([context.command_path, '[选项]', *order, *(['命令 …'] if commands else [])])}",
        "\n".join(folded(context.command.help or "", 0)),
        _section("参数", [(called(place), _meaning(place)) for place in places]),
        _section("选项", [*lines, ("--help", "显示这一页说明")]),
        _section("命令", commands),
        f"{bold('例')}\n  {example}" if example else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _meaning(item: TyperArgument | TyperOption) -> str:
    """What it means, `[必填]` before it where nothing goes without it, and what is taken where it is not written."""
    said = (f"{NEEDED} " if item.required else "") + (item.help or "")
    plain = isinstance(item.default, str | int) and not isinstance(item.default, bool) and item.default != ""
    return f"{said} [默认：{item.default}]" if plain and item.show_default else said


def _section(title: str, lines: Sequence[tuple[str, str]]) -> str:
    if not lines:
        return ""
    width = min(_NAME, max(display_width(name) for name, _ in lines))
    shown = [bold(title)]
    for name, text in lines:
        meant = folded(text, width + 4)
        first = "" if display_width(name) > width else f"  {meant.pop(0)}"
        shown.append(f"  {padded(name, width)}{first}".rstrip())
        shown += [" " * (width + 4) + line for line in meant]
    return "\n".join(shown)


def folded(text: str, indent: int) -> list[str]:
    """The lines of a text; it has no blanks to part it at, so it is parted between any two characters."""
    room = max(20, get_terminal_size().columns - indent - 1)
    lines = [""]
    for piece in _PIECES.findall(text):
        if display_width(lines[-1] + piece) > room and piece not in _NEVER_FIRST and lines[-1]:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines


def bold(text: str) -> str:
    plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))
    return text if plain else f"\033[1m{text}\033[0m"
