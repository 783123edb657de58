"""The base of all kinds of value (值的类别): how a value is read, kept, shown and printed as JSON."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.cells import Raw

Primitive: TypeAlias = str | int | None
"""What the database stores for one part of a value."""

Json: TypeAlias = str | int | bool | dict[str, str | int]
"""What `--json` prints for one value."""


def _is_text(value: object) -> bool:
    """Whether it is text, and of bytes that are; others are read as half characters."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


class Kind(ABC):
    """One kind of value; kinds are frozen and hashable, so a caller may memoise what they parsed.

    The values themselves differ by kind (str, Decimal, Count, bool), which is why they are `Any` here and
    exact in each subclass.
    """

    label: ClassVar[str]

    def parts(self, key: str) -> Mapping[str, str]:
        """The SQL columns, with their types, that the field `key` takes: one column of text, or as said."""
        return {key: "TEXT"}

    @abstractmethod
    def parse(self, raw: Raw) -> Any:
        """The value that a cell or an option says; None for a blank, ValueProblem if not understood."""

    def encode(self, value: Any) -> tuple[Primitive, ...]:
        """The primitives to store, in the order of `parts`; None is stored as NULL in every part."""
        return (value,)

    def decode(self, primitives: Sequence[Primitive]) -> Any:
        """The value that `encode` stored, None for NULL."""
        return primitives[0]

    def sound(self, primitives: Sequence[Primitive]) -> bool:
        """Whether `encode` can have stored this; a bad sector or another program stores what reads back as something else."""
        if not self.typed(primitives):
            return False
        if primitives[0] is None:
            return True
        try:
            value = self.decode(primitives)
            return bool(self.parse(self.text(value)) == value)
        except (ValueProblem, ValueError, ArithmeticError):
            return False

    def typed(self, primitives: Sequence[Primitive]) -> bool:
        """Whether every part is of the type of its column, or blank."""
        types = zip(primitives, self.parts("").values(), strict=True)
        return all(one is None or (_is_text(one) if sql == "TEXT" else type(one) is int) for one, sql in types)

    def text(self, value: Any) -> str:
        """The value as a sheet or a screen shows it; `parse` reads it back to the same value."""
        return str(value)

    def json(self, value: Any) -> Json:
        """The value as `--json` prints it."""
        return self.text(value)
