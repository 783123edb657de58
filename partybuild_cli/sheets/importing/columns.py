"""Which column of a ledger each heading means (对栏目): told, exact, synonym, then containment with a unique best; never by place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.sheets.importing.headings import Heading, bare, month_of
from partybuild_cli.sheets.importing.vocabulary import words_of
from partybuild_cli.values.text import tight

#: Words before a known heading that make it mean something else (紧急联系电话, 曾用姓名).
_OTHER = ("非", "未", "原", "曾", "前", "拟", "配偶", "子女", "父", "母", "紧急", "备用", "是否", "新")
#: Words behind a known heading that leave its meaning as it is (请假人员名单).
_EMPTY_ENDS = ("名单", "情况", "姓名", "信息")
_CONTAINED = 0.5


@dataclass(slots=True)
class Matched:
    """The columns of a table, found for one ledger.

    Attributes:
        keys: place of a column -> field key.
        months: place of a column -> (year where the heading says it, month, field key), for 1月…12月.
        near: headings that were matched by containment only, with their field.
        serial: places of columns that only count the rows.
        identity: place of the hidden column of an exported sheet.
    """

    record: type[Record]
    keys: dict[int, str] = field(default_factory=dict)
    months: dict[int, tuple[int | None, int, str]] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)
    serial: set[int] = field(default_factory=set)
    identity: int | None = None

    @property
    def found(self) -> set[str]:
        """Every field that some column holds."""
        held = set(self.keys.values()) | {key for _, _, key in self.months.values()}
        return held | ({self.record.date} if self.months else set())

    @property
    def missing(self) -> list[Column]:
        """Required columns that no column holds and no title may hold."""
        return [
            column
            for column in self.record.columns.values()
            if column.required and not column.context and column.key not in self.found
        ]


def match_columns(record: type[Record], headings: Sequence[Heading], told: Mapping[str, str]) -> Matched:
    """Find the columns of `record`; `told` are headings that a person has mapped (an empty field keeps it unknown)."""
    found = Matched(record)
    left = []
    for heading in headings:
        if heading.is_identity:
            found.identity = heading.column
        elif heading.is_serial:
            found.serial.add(heading.column)
        elif heading.key in told or heading.lowest in told:
            key = told.get(heading.key, told.get(heading.lowest, ""))
            if key in record.columns and key not in found.keys.values():  # a second one is kept as it is
                found.keys[heading.column] = key
        elif heading.lines:
            left.append(heading)
    _months(found, left)
    left = [heading for heading in left if heading.column not in found.months]
    _by_word(found, left)
    _by_containment(found, [heading for heading in left if heading.column not in found.keys])
    return found


def _months(found: Matched, headings: Iterable[Heading]) -> None:
    """Twelve columns 1月…12月, each perhaps with 应缴 and 实缴 below it; one alone is no register of months."""
    default = found.record.months_of
    if not default:
        return
    words = words_of(found.record.ledger)
    places = {}
    for heading in headings:
        said = month_of(heading)
        if said:
            year, month, rest = said
            known = words.get(rest)
            if not rest or known:
                places[heading.column] = (year or _year_above(heading), month, known[0].key if known else default)
    if len({month for _, month, _ in places.values()}) > 1:
        found.months = places


def _year_above(heading: Heading) -> int | None:
    """The year that a group above the months says (2026年缴纳党费金额)."""
    for line in heading.lines[:-1]:
        if line[:4].isdecimal() and line[4:5] in ("年", ""):
            return int(line[:4])
    return None


def _by_word(found: Matched, headings: Sequence[Heading]) -> None:
    """Exact headings first, then synonyms by how common they are; each field is given once."""
    words = words_of(found.record.ledger)
    taken = set(found.keys.values())
    offers = sorted(
        (words[name][1], place, at, words[name][0].key)
        for at, heading in enumerate(headings)
        for place, name in enumerate(heading.names)
        if name in words
    )
    for _, _, at, key in offers:
        column = headings[at].column
        if key not in taken and column not in found.keys:
            found.keys[column] = key
            taken.add(key)


def _by_containment(found: Matched, headings: Sequence[Heading]) -> None:
    """A heading that ends in a known word, where neither another column nor another heading fits as well."""
    taken = set(found.keys.values())
    best: dict[str, list[tuple[float, Heading]]] = {}
    for heading in headings:
        scores = _contained(found.record, heading, taken)
        top = max(scores.values(), default=0.0)
        fitting = [key for key, score in scores.items() if score == top]
        if len(fitting) == 1:
            best.setdefault(fitting[0], []).append((top, heading))
    for key, offers in best.items():
        top = max(score for score, _ in offers)
        fitting_headings = [heading for score, heading in offers if score == top]
        if len(fitting_headings) == 1:
            found.keys[fitting_headings[0].column] = key
            found.near[fitting_headings[0].key] = key


def _contained(record: type[Record], heading: Heading, taken: set[str]) -> dict[str, float]:
    """Field -> how much of the heading the known word is; personal data is never found this way."""
    plain = bare(heading.lowest)
    for end in _EMPTY_ENDS:
        if plain.endswith(end) and len(plain) > len(end) + 1:
            plain = plain.removesuffix(end)
            break
    scores: dict[str, float] = {}
    for word, (column, _) in words_of(record.ledger).items():
        share = len(word) / len(plain)
        if (
            len(word) >= 2
            and share >= _CONTAINED
            and plain.endswith(word)
            and column.key not in taken
            and column.mask is None
            and not plain.startswith(_OTHER)
        ):
            scores[column.key] = max(share, scores.get(column.key, 0))
    return scores


def told_headings(maps: Mapping[str, str]) -> dict[str, str]:
    """`--map` options with headings in comparable form."""
    return {tight(heading): key for heading, key in maps.items()}
