"""What typical members would get by a scheme (典型党员对照): the same people under every edition, reckoned by the program.

Each is described in `typical.toml` by what was recorded of him, in the words of the measures, so that any scheme can be asked.
"""

from decimal import Decimal
from fractions import Fraction
from importlib.resources import files

from partybuild_cli.index.scheme import Adjustments, Indicator, Measurable, Raw, Scheme, parse_toml
from partybuild_cli.index.scoring import NOT_APPLICABLE, Items, Known, Measured, score_of, share_of


def typical_members() -> list[Raw]:
    """The members by measure; what is not said of one is as of the first."""
    path = files("partybuild_cli.index") / "typical.toml"
    members = parse_toml(path.read_text(encoding="utf-8"), path.name)["members"]
    return [members[0] | one for one in members]


def typical_score(scheme: Scheme, one: Raw) -> Decimal | None:
    """The score by the records alone that a typical member would get."""
    kind = one.get("staff_kind")
    measured = {line.id: _measured(line, one) for line in scheme.indicators_for(kind)}
    known = Known(measured, _moved(scheme.bonus, one), _moved(scheme.deduction, one))
    return score_of(scheme, known, kind, None).score


def _measured(line: Indicator, one: Raw) -> Measured:
    """What the measure of a line finds of him; what is said of one of its kinds goes before."""
    kinds = [key.partition(" ")[2] for key in one if key.startswith(f"{line.measure} ")]
    if kinds and line.rule == "each":
        counted = [one[f"{line.measure} {kind}"] for kind in kinds if not line.kinds or kind in line.kinds]
        return Measured(
            "scored", items=_priced(line, {word: sum(it.get(word, 0) for it in counted) for word in line.each})
        )
    found = next((one[f"{line.measure} {kind}"] for kind in kinds if kind in line.kinds), one[line.measure])
    if found is False:
        return NOT_APPLICABLE
    if isinstance(found, list):
        return share_of(*found)
    if isinstance(found, dict):
        return Measured("scored", items=_priced(line, found))
    return Measured("scored", Fraction(found) * Fraction(line.target or 1))


def _priced(line: Measurable, found: dict[str, int]) -> Items:
    return tuple((word, found[word]) for word in line.each if found.get(word))


def _moved(settings: Adjustments, one: Raw) -> dict[str, Items]:
    return {item.name: _priced(item, one.get("moved", {})) for item in settings.items}
