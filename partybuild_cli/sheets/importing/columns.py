"""Which column of a ledger each column of the sheet is (对栏目): the best reading of the whole table, by evidence.

What a person told comes first. Then every pair of a column and a field is weighed, and the weightiest that fit together are
taken: sure, or near (taken and said). What is left open is a doubt, which is asked about and never decided by chance.
"""

from collections.abc import Collection, Mapping, Sequence

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import BranchKind, MemberKind, MonthKind, PeopleKind
from partybuild_cli.sheets.importing.evidence import Pair, Samples, matter_of, weigh
from partybuild_cli.sheets.importing.headings import Heading
from partybuild_cli.sheets.importing.matched import OFFERED, UNUSED, Doubt, Matched, field_named
from partybuild_cli.sheets.importing.months import columns_of_months, several_months
from partybuild_cli.sheets.importing.rowkinds import RowKinds
from partybuild_cli.sheets.importing.words import lexicon, native, turned, words_in
from partybuild_cli.values import Choice, Day
from partybuild_cli.values.text import tight

#: Weights that differ by less decide nothing between two headings that are both only near.
_CLOSE = 0.1


def match_columns(
    record: type[Record], headings: Sequence[Heading], told: Mapping[str, str], samples: Samples | None = None
) -> Matched:
    """Find the columns of `record`; `told` are headings that a person has mapped (an empty field keeps it unknown)."""
    found = Matched(record)
    left = []
    for heading in headings:
        if heading.is_identity:
            found.identity = heading.column
        elif heading.key in told or heading.lowest in told:
            key = field_named(record, told.get(heading.key, told.get(heading.lowest, "")))
            if key is not None and key not in found.keys.values():  # a second one is kept as it is
                found.keys[heading.column] = key
            else:
                found.explained[heading.column] = UNUSED
        elif heading.is_serial or (samples is not None and _only_counts(heading, samples)):
            found.serial.add(heading.column)
        elif heading.lines or (samples is not None and samples.values(heading.column)):
            left.append(heading)
    columns_of_months(found, left)
    left = [heading for heading in left if heading.column not in found.months]
    pairs = _weighed(found, left, samples)
    _assign(found, {heading.column: heading for heading in left}, pairs, samples)
    _numbers(found, headings, samples)
    _rest(found, left, pairs, samples)
    return found


def _only_counts(heading: Heading, samples: Samples) -> bool:
    """A 编号 1, 2, 3 is nobody's 工号; nor is such a column without a heading, nor a list of words parked beside the table."""
    return samples.only_lists_words(heading) or (
        (heading.may_be_serial or not heading.lines) and samples.counts(heading.column)
    )


def _weighed(found: Matched, headings: Sequence[Heading], samples: Samples | None) -> list[Pair]:
    """Every pair that something speaks for; what turns a column's meaning, or its company, explains it."""
    pairs: list[Pair] = []
    for heading in headings:
        why = _of_company(heading, headings, samples)
        some, turned = ([], why) if why else weigh(found.record, heading, samples)
        if turned:
            found.explained[heading.column] = turned
        pairs += some
    return pairs


def _of_company(heading: Heading, headings: Sequence[Heading], samples: Samples | None) -> str:
    """What the heading means in its company instead; where that speaks of both matters, the values say which it is."""
    for one in lexicon().company:
        if one.word not in heading.lowest:
            continue
        holds = one.holds([other.lowest for other in headings])
        if holds is None and samples is not None:
            first = (other.column for other in headings if any(word in other.lowest for word in one.without))
            holds = not any(samples.follow(place, heading.column) for place in first if place != heading.column)
        if holds:
            return one.means
    return ""


def _assign(found: Matched, headings: Mapping[int, Heading], pairs: Sequence[Pair], samples: Samples | None) -> None:
    """The weightiest pairs that fit together; of equal ones the heading that is known better, then the one further left."""
    taken = set(found.keys.values())
    chosen: dict[str, Pair] = {}
    repeats_choice = _repeating_a_choice(found.record, headings, samples) if samples else set()
    for pair in sorted(pairs, key=lambda one: (-one.weight, one.rank is None, one.rank or 0, one.place)):
        column = found.record.columns[pair.key]
        if pair.key in taken or pair.place in found.keys:
            continue
        if pair.place in repeats_choice and _is_prose(column) and _has_rival(pair, pairs, found, repeats_choice):
            continue
        if _unborne(column, pair, headings[pair.place], samples):
            found.explained[pair.place] = f"内容不像“{column.heading}”"
            continue
        found.keys[pair.place] = pair.key
        taken.add(pair.key)
        chosen[pair.key] = pair
        if pair.rank is None:
            found.near[headings[pair.place].key] = pair.key
    _rivals(found, headings, pairs, chosen, samples)


def _is_prose(column: Column) -> bool:
    return column.required and column.identity and matter_of(column) is None and not isinstance(column.kind, Choice)


def _has_rival(pair: Pair, pairs: Sequence[Pair], found: Matched, shunned: set[int]) -> bool:
    """Whether another free column may be the same field."""
    return any(
        one.key == pair.key and one.place != pair.place and one.place not in found.keys and one.place not in shunned
        for one in pairs
    )


def _repeating_a_choice(record: type[Record], headings: Mapping[int, Heading], samples: Samples) -> set[int]:
    """Columns whose values are all words of one of the ledger's required choices (会议名称 that repeats 会议类型)."""
    choices = [one for one in record.columns.values() if one.required and isinstance(one.kind, Choice)]
    return {place for place in headings if any(samples.all_are(place, one) for one in choices)}


def _unborne(column: Column, pair: Pair, heading: Heading, samples: Samples | None) -> bool:
    """Whether no value of an optional choice or day under a synonym is one: the word means something else here."""
    if samples is None or pair.fits != 0 or pair.rank == 0 or column.required:
        return False
    return isinstance(column.kind, Choice) and len(samples.values(heading.column)) > 1


def _rivals(
    found: Matched,
    headings: Mapping[int, Heading],
    pairs: Sequence[Pair],
    chosen: Mapping[str, Pair],
    samples: Samples | None,
) -> None:
    """Two headings that are both only near, or neither of which is ours for the day, and say different things: nobody knows which."""
    for key, mine in chosen.items():
        column = found.record.columns[key]
        for other in pairs:
            if other.key != key or other.place in found.keys or other.place == mine.place or other.weight < 0.6:
                continue
            day = isinstance(column.kind, Day) and key == found.record.date
            alike = (mine.rank is None and other.rank is None) or (day and mine.rank != 0 and other.rank != 0)
            differ = samples is not None and samples.differ(mine.place, other.place)
            told_apart = matter_of(column) not in (None, "number") or (
                column.required and isinstance(column.kind, Choice)
            )
            if alike and differ and mine.weight - other.weight < _CLOSE and told_apart:
                del found.keys[mine.place]
                found.near.pop(headings[mine.place].key, None)
                names = tuple(headings[place].key for place in sorted((mine.place, other.place)))
                found.doubts.append(Doubt(column, names, True, "都像"))
                break


def _numbers(found: Matched, headings: Sequence[Heading], samples: Samples | None) -> None:
    """Columns of 工号 or 身份证号 that the ledger does not have tell apart whom their own role names."""
    columns = found.record.columns
    people = {key for key, one in columns.items() if isinstance(one.kind, MemberKind | PeopleKind)}
    people |= {key for key, one in columns.items() if one.kind.links}
    places = {place: key for place, key in found.keys.items() if key in people}
    for heading in headings:
        words = words_in(native(heading.lowest))
        which = next((key for word, key in (("工号", "staff_no"), ("身份证", "id_number")) if word in words), "")
        if not which or heading.column in found.keys or not places:
            continue
        role = [word for word in words if word not in ("工号", "身份证", "人员")]
        key = _of_role(found.record, role, set(places.values())) if role else _beside(heading.column, places)
        if key:
            found.numbers[heading.column] = (key, which)
        elif role:
            found.explained[heading.column] = "别的人的编号"


def _of_role(record: type[Record], role: list[str], people: set[str]) -> str:
    """The field whose heading has the words of the role (授课人 of 授课人工号)."""
    wanted = set(role)
    for key in sorted(people):
        for own in record.columns[key].headings:
            words = set(words_in(tight(own))) - {"人员"}
            if words and words == wanted:
                return key
    return ""


def _beside(place: int, places: Mapping[int, str]) -> str:
    """The field that names people in the next column, else in the nearest."""
    return places[min(places, key=lambda at: (abs(at - place), at))]


def _rest(found: Matched, headings: Sequence[Heading], pairs: Sequence[Pair], samples: Samples | None) -> None:
    """What is left over: a 年份 column, further columns of a matter, and those that stop the sheet until somebody says."""
    left = [one for one in headings if one.column not in {*found.keys, *found.numbers, *found.explained}]
    for heading in left:
        if words_in(heading.lowest) == ("年度",) and "year" not in found.record.columns:
            found.years = heading.column
            date = found.record.columns.get(found.record.date)
            if date and date.identity and not date.required and date.key not in found.found:
                found.keys[heading.column] = found.near[heading.key] = date.key  # an honour of 2025, and no day is said
    left = [one for one in left if one.column != found.years]
    found.until = _until(found, headings, samples)
    for pair in pairs:
        if pair.key in found.keys.values() and any(one.column == pair.place for one in left):
            found.further.setdefault(next(one.key for one in left if one.column == pair.place), pair.key)
    if found.record.months_of:
        several_months(found, headings, samples)
    asked = {doubt.column.key for doubt in found.doubts}
    if samples is None or found.identity is not None:
        return
    for column in found.record.columns.values():
        if column.key in found.found or column.key in asked or not _matters(found.record, column):
            continue
        some = [one for one in left if one.key not in found.further and _speaks(found, column, one, samples)]
        if some and not any(some[0].key in doubt.candidates for doubt in found.doubts):  # one question about one column
            names = tuple(one.key for one in some[:OFFERED])
            found.doubts.append(Doubt(column, names, False, "像是在说"))


def _until(found: Matched, headings: Sequence[Heading], samples: Samples | None) -> int | None:
    """The column to the right of the record's day that says when it ended."""
    date = found.record.columns.get(found.record.date)
    begin = next((place for place, key in found.keys.items() if key == found.record.date), None)
    if date is None or begin is None or samples is None:
        return None
    if not (isinstance(date.kind, MonthKind) or (isinstance(date.kind, Day) and date.kind.range_allowed)):
        return None
    ends = [
        one.column for one in headings if found.explained.get(one.column) == lexicon().ending and one.column > begin
    ]
    return next((place for place in ends if samples.share(place, date) == 1), None)


def _matters(record: type[Record], column: Column) -> bool:
    """Whether a default or nothing in the field's stead says something: the branch, the day, the payment, who took part."""
    branch = isinstance(column.kind, BranchKind) and column.key == "branch"
    return branch or column.key in (record.date, record.months_of, *record.presence)


def _speaks(found: Matched, column: Column, heading: Heading, samples: Samples) -> bool:
    """Whether a column that nobody explains speaks of what the field would otherwise take from a default."""
    matter, place = matter_of(column), heading.column
    if matter is None or turned(native(heading.lowest), matter) or not samples.values(place):
        return False
    words = words_in(native(heading.lowest))
    if isinstance(column.kind, BranchKind):
        return "支部" in words or samples.known_branches(place)
    if matter == "day":
        return "日期" in words and bool(samples.share(place, column))
    if column.key == found.record.months_of:
        return bool(samples.share(place, column)) and any(word in words for word in ("实缴", "缴纳", "党费", "金额"))
    if column.key in found.record.presence:
        said = any(word in words for word in ("出席", "请假", "缺席", "实到"))
        return samples.known_people(place) and (said or not _of_another(found.record, column, words))
    return False


def _of_another(record: type[Record], column: Column, words: Sequence[str]) -> bool:
    """Whether the heading's words are those of another field of people (主持人)."""
    others = [one for one in record.columns.values() if one.key not in record.presence]
    said = {word for one in others for own in one.headings for word in words_in(tight(own))}
    return any(word in said and word != "人员" for word in words)


def rows_of(matched: Matched, repeats: Collection[int], titles: Collection[str]) -> RowKinds:
    """The judge of a table's rows."""
    record = matched.record
    required = [place for place, key in matched.keys.items() if record.columns[key].required]
    worked_out = {place for place, key in matched.keys.items() if record.columns[key].computed}
    answer = next((place for place, key in matched.keys.items() if key == record.answer), None)
    return RowKinds(required, matched.serial | worked_out, repeats, titles, answer)
