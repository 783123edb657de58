"""Commands that load when they are called (按需加载): help and completion import none of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from typer import Context, Typer
from typer._click.exceptions import UsageError
from typer.core import TyperCommand, TyperGroup

from partybuild_cli.cli.chinese import teach_typer, usage_pieces

Function = TypeVar("Function", bound=Callable[..., Any])


class _Chinese:
    """What a help page says of itself, in Chinese."""

    params: list[Any]

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, described in Chinese."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示这一页说明"
        return option

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The usage line."""
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, usage_pieces(pieces), prefix="用法：")

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help page."""
        teach_typer(self.params)
        super().format_help(ctx, formatter)  # type: ignore[misc]


class ChineseCommand(_Chinese, TyperCommand):
    """A command whose help page speaks Chinese."""


class Commands(Typer):
    """A Typer application whose help pages speak Chinese."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"cls": LazyGroup, "add_completion": False, "rich_markup_mode": "rich", **settings})

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Function], Function]:
        """Declare a command."""
        return super().command(name, **{"cls": ChineseCommand, **settings})


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that is not loaded yet: its line in the help, its panel, and how to load it."""

    help: str
    panel: str
    load: Callable[[], Any]


class LazyGroup(_Chinese, TyperGroup):
    """A group that knows its commands by name and one line, and loads the one that is called."""

    entries: Mapping[str, Entry] = {}
    _listing = False

    def list_commands(self, ctx: Context) -> list[str]:  # type: ignore[override]
        """The names, in the order of the help page."""
        return [*self.entries, *self.commands]

    def get_command(self, ctx: Context, cmd_name: str) -> Any:  # type: ignore[override]
        """The command itself, or while listing a stand-in that has only its name and its line."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return self.commands.get(cmd_name)
        if self._listing:
            return TyperCommand(cmd_name, help=entry.help, rich_help_panel=entry.panel)
        return entry.load()

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called; of a name that is none, the complaint names those that are nearly it."""
        try:
            return super().resolve_command(ctx, args)
        except UsageError as fault:
            near = get_close_matches(args[0], self.list_commands(ctx)) if "Did you mean" not in fault.message else []
            if near:
                fault.message = f"{fault.message.rstrip('.')}. Did you mean {' or '.join(near)}?"
            raise

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Complete the names of commands without loading them."""
        with self._only_listing():
            return super().shell_complete(ctx, incomplete)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help page, from names and lines alone."""
        with self._only_listing():
            super().format_help(ctx, formatter)

    @contextmanager
    def _only_listing(self) -> Iterator[None]:
        self._listing = True
        try:
            yield
        finally:
            self._listing = False
