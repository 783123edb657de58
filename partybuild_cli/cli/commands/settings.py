"""`settings`: what the unit decides once (本单位设定), shown and changed."""

from difflib import get_close_matches
from typing import Annotated

from typer import Argument, Context, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands, by_itself
from partybuild_cli.cli.options import AsJson
from partybuild_cli.cli.session import reading, writing
from partybuild_cli.errors import UsageFault

_ABOUT = "本单位定一次的事：建立了哪些制度、公示受理人、党费取整等。不写子命令就是 show。"
app = Commands(_ABOUT, "partybuild settings show")


@app.callback(invoke_without_command=True, help=_ABOUT)
def settings(context: Context, json: AsJson = False) -> None:
    """Shown where nothing else is asked for."""
    if by_itself(context):
        show(json)


@app.command(example="partybuild settings show")
def show(json: AsJson = False) -> None:
    """看每一项现在怎么定的，不定会怎样"""
    from partybuild_cli.records.base.present import as_json, as_text
    from partybuild_cli.records.settings import Settings, settings_of

    with reading() as connection:
        now = settings_of(connection)
    decided = [(key, column, getattr(now, key)) for key, column in Settings.columns.items()]
    if json:
        known = {key: None if value is None else as_json(column, value) for key, column, value in decided}
        screen.document(known)
        return
    lines = ([key, one.heading, as_text(one, value) or "（未定）", one.help] for key, one, value in decided)
    screen.rows(["名称", "设置", "现在", "含义"], lines)
    screen.note("修改：partybuild settings set 名称 值，如 partybuild settings set volunteering 是。")


def _keys(context: Context, args: list[str], incomplete: str) -> list[tuple[str, str]]:
    from partybuild_cli.records.settings import Settings

    return [(key, column.heading) for key, column in Settings.columns.items() if key.startswith(incomplete)]


@app.command("set", example="partybuild settings set reception_desk 党委办公室")
def change(
    key: Annotated[str, Argument(metavar="名称", help="用 partybuild settings 查看", autocompletion=_keys)],
    value: Annotated[str | None, Argument(metavar="值", help="怎么定，如 是、否、党委办公室")] = None,
    clear: Annotated[bool, Option("--clear", help="改回未定")] = False,
) -> None:
    """定下或改一项，记入日志，可以撤销"""
    from partybuild_cli.records.base.editing import add_record, edit_record
    from partybuild_cli.records.base.present import as_text
    from partybuild_cli.records.settings import Settings, settings_of

    names = {column.heading: key for key, column in Settings.columns.items()}
    named = names.get(key) or key.replace("-", "_")
    if named not in Settings.columns:
        near = get_close_matches(named, Settings.columns)
        raise UsageFault(f"没有叫“{key}”的设置，请写 {'、'.join(near or Settings.columns)}。")
    column, cells = Settings.columns[named], {} if value is None else {named: value}
    if (value is None) is not clear:
        raise UsageFault(
            f"“{column.heading}”的值和 --clear 只写一个：请写值（{column.kind.label}），改回未定请写 --clear。"
        )
    with writing() as (connection, entry):
        before = settings_of(connection)
        if before.id is not None:
            first = getattr(before, named) is None  # the first that is known of it holds as far back as the book
            edit_record(connection, entry, Settings, before.id, cells, [named] if clear else [], correct=first)
        elif cells:
            add_record(connection, entry, Settings, cells)
        now = getattr(settings_of(connection), named)
    was, said = (as_text(column, one) or "（未定）" for one in (getattr(before, named), now))
    screen.say(f"{column.heading}：{was} → {said}" if was != said else "没有不同之处，什么也没有改。")
    if column.dated and was != said and getattr(before, named) is not None:
        screen.note("从今天起算；已经结束的期间仍按原来的。")
