"""Which record types there are (台账目录): the files of `records/`, each loaded only when it is asked for."""

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from partybuild_cli.errors import UsageFault
from partybuild_cli.store.shape import Shape, declare

if TYPE_CHECKING:
    from partybuild_cli.records.base.declare import Record

_FOLDER = Path(__file__).parent.parent
_NO_LEDGER = ("settings",)  # what is kept like a record and is no ledger: no sheet, no list, a command of its own
#: The order in which people meet the ledgers; a type that is not named here comes behind.
_ORDER = (
    "branch", "member", "meeting", "service", "study", "dues", "development", "talk", "task", "decision", "honor",
    "pairing", "post", "zone", "cultivation", "conduct", "metric", "review", "tenure", "election", "rating",
)  # fmt: skip


@cache
def ledgers() -> tuple[str, ...]:
    """The names of all record types, found by their modules. RuntimeError in a build that has left some out."""
    names = {module.name for module in iter_modules([str(_FOLDER)]) if not module.ispkg} - {*_NO_LEDGER}
    if missing := [name for name in _ORDER if name not in names]:
        raise RuntimeError(f"record types are missing from this build: {', '.join(missing)}")
    return (*(name for name in _ORDER if name in names), *sorted(names - set(_ORDER)))


@cache
def captions() -> dict[str, str]:
    """Ledger -> its Chinese name, read from the first line of its file so that nothing need be imported."""
    return {name: _caption(name) for name in ledgers()}


def _caption(name: str) -> str:
    """What a module calls itself; of a build without sources, its docstring. RuntimeError where that was left out too."""
    said: str | None
    try:
        with (_FOLDER / f"{name}.py").open(encoding="utf8") as file:
            said = file.readline()
    except OSError:
        said = import_module(f"partybuild_cli.records.{name}").__doc__
    if not said:
        raise RuntimeError(f"the name of the ledger {name} is missing from this build (docstrings must be kept)")
    return said.lstrip('"').partition(":")[0].strip()


def called(ledger: str, number: int) -> str:
    """A record in words, by its ledger and its number."""
    return _caption(ledger) if ledger in _NO_LEDGER else f"{captions().get(ledger, ledger)}编号 {number}"


@cache
def record(ledger: str) -> "type[Record]":
    """The record type called `ledger`, in English or Chinese. UsageFault when there is none."""
    name = ledger
    if ledger not in (*ledgers(), *_NO_LEDGER):
        name = {caption: name for name, caption in captions().items()}.get(ledger, "")
    if not name:
        known = {f"{name}（{caption}）": (name, caption) for name, caption in captions().items()}
        near = [known_as for known_as, words in known.items() if get_close_matches(ledger, words)]
        raise UsageFault(f"没有叫“{ledger}”的台账，请写 {'、'.join(near or known)}。")
    from partybuild_cli.records.base.declare import Record

    module = import_module(f"partybuild_cli.records.{name}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Record) and value.__module__ == module.__name__:
            return value
    raise LookupError(f"{module.__name__} declares no record type")


def all_records() -> "list[type[Record]]":
    """Every record type, in order, and what is kept like one."""
    return [record(name) for name in (*ledgers(), *_NO_LEDGER)]


def shapes() -> dict[str, Shape]:
    return {record_type.ledger: record_type.shape for record_type in all_records()}


declare(shapes)  # the store knows no record type by itself
