"""From the sums of a measure's parts to its figure (测得值): one way for each shape of the catalogue."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from partybuild_cli.index.measures.source import Part, Standing, Sum
from partybuild_cli.index.rules import Measured, share_of

Finish = Callable[[tuple[Sum, ...], Standing], Measured]


def amount(parts: Sequence[Part]) -> Finish:
    """The total of all parts."""

    def finish(sums: tuple[Sum, ...], _: Standing) -> Measured:
        return Measured("scored", sum(_natural(part, one) for part, one in zip(parts, sums, strict=True)))

    return finish


def share(sums: tuple[Sum, ...], _: Standing) -> Measured:
    """What was done of what was due."""
    return share_of(sum(one.done for one in sums), sum(one.due for one in sums))


def count(sums: tuple[Sum, ...], _: Standing) -> Measured:
    """How many there are."""
    return Measured("scored", sum(one.done for one in sums))


def items(parts: Sequence[Part]) -> Finish:
    """How many of each word; a word of which there are none is not named."""

    def finish(sums: tuple[Sum, ...], _: Standing) -> Measured:
        found: dict[str, int | Fraction] = {}
        for part, one in zip(parts, sums, strict=True):
            if one.done:
                found[part.word] = found.get(part.word, 0) + _natural(part, one)
        return Measured("scored", items=tuple(found.items()))

    return finish


def _natural(part: Part, one: Sum) -> int | Fraction:
    return one.done if part.scale == 1 else Fraction(one.done, part.scale)
