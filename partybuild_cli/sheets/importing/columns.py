"""Which column of a ledger each column of the sheet is (对栏目): the best reading of the whole table, by evidence.

What a person told comes first, then the weightiest pairs that fit together. What is left open is asked, never decided by chance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.sheets.importing import evidence, wording
from partybuild_cli.sheets.importing.context import months_in, span_in
from partybuild_cli.sheets.importing.evidence import Pair, Samples, is_of_people, is_text, matter_of
from partybuild_cli.values.day import only_hours
from partybuild_cli.values.people import name_words
from partybuild_cli.values.text import Prose, tight

UNUSED = "不用"  # a column that a person has said to be none of the ledger's
OFFERED = 8  # so many candidates are offered for a column
_CLOSE = 0.1  # weights that differ by less decide nothing between two headings that are both only near
#: A heading of such words only speaks of who came, whatever its sentences.
_OF_ATTENDANCE = frozenset({"出席", "请假", "缺席", "实到", "人员", "会议", "活动", "出勤", "状况"})


class Doubt(NamedTuple):
    """A field of which several columns (`needed`: one has to be told), or one that nobody explains, may be the one."""

    column: Column
    candidates: tuple[str, ...]  # headings of which the values parse
    needed: bool


@dataclass(slots=True)
class Matched:
    """The columns of a table, found for one ledger; each by its place, but `near` and `further`, which are by heading."""

    record: type[Record]
    keys: dict[int, str] = field(default_factory=dict)
    #: 1月…12月: year where the heading says it, month, field; those whose column holds that month and the two after it.
    months: dict[int, tuple[int | None, int, str]] = field(default_factory=dict)
    quarters: set[int] = field(default_factory=set)
    bare: bool = False  # those headings name nothing but months, of which the title has to say what they hold
    measure: int | None = None  # says of each row which field its months hold (项目: 应交, 实交)
    near: dict[str, str] = field(default_factory=dict)  # what was not known and was taken by likeness or by its values
    lone: set[str] = field(default_factory=set)  # fields of a heading that may mean them where nothing else does
    serial: set[int] = field(default_factory=set)
    sentences: dict[int, tuple[str, ...]] = field(default_factory=dict)  # 应到6人，缺席1人（李四）: their fields
    numbers: dict[int, tuple[str, str]] = field(default_factory=dict)  # 工号, 身份证号: who is named, which number
    years: int | None = None  # a 年份 column that completes days and months
    monthly: int | None = None  # says what each of several months comes to (每月应缴)
    until: int | None = None  # says when what happened ended
    spans: bool = False  # a row may be of several months
    identity: int | None = None  # the hidden column of an exported sheet
    explained: dict[int, str] = field(default_factory=dict)  # what a column that is kept as it is holds instead
    further: dict[str, str] = field(default_factory=dict)  # a further column of a matter that has its column already
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def found(self) -> set[str]:
        held = {*self.keys.values(), *(key for keys in self.sentences.values() for key in keys)}
        held |= {key for _, _, key in self.months.values()}
        return held | ({self.record.date} if self.months else set())

    @property
    def missing(self) -> list[Column]:
        """Required columns that no column holds and no title may hold."""
        columns = self.record.columns.values()
        return [column for column in columns if column.required and not column.context and column.key not in self.found]


def field_named(record: type[Record], word: str) -> str | None:
    """The field that a person means: by its key, its option or its Chinese heading; None for none."""
    plain = tight(word).lstrip("-")
    columns = record.columns.items()
    named = (
        key for key, column in columns if plain in (key, key.replace("_", "-"), column.option, tight(column.heading))
    )
    return next(named, None) if plain else None


def match_columns(record: type[Record], samples: Samples, told: Mapping[str, str]) -> Matched:
    """Find the columns of `record`; `told` are headings that a person has mapped (an empty field keeps it unknown)."""
    found = Matched(record)
    left = []
    for heading in samples.table.headings:
        if heading.lowest == wording.IDENTITY_HEADING:
            found.identity = heading.column
        elif heading.key in told or heading.lowest in told:
            key = field_named(record, told.get(heading.key, told.get(heading.lowest, "")))
            if key is not None and key not in found.keys.values():  # a second one is kept as it is
                found.keys[heading.column] = key
            else:
                found.explained[heading.column] = UNUSED
        elif wording.bare(heading.lowest).upper() in wording.SERIAL or samples.counts_or_lists(heading):
            found.serial.add(heading.column)
        elif heading.lines or samples.values(heading.column):
            left.append(heading)
    _months(found, left)
    for heading in left if found.bare else ():
        words = {wording.label(raw) for raw in samples.values(heading.column)}
        if words and all(month_field(record, word) in (record.months_of, "due") for word in words):
            found.measure = heading.column
            found.serial.add(heading.column)
    for heading in left if record.presence else ():
        values = samples.values(heading.column)
        said = [wording.attendance_in(record, raw) or {} for raw in values]
        others = [raw for raw, row in zip(values, said, strict=True) if not row]
        if any(said) and (len(others) * 2 < len(said) or all(samples.names_people(raw) == 1 for raw in others)):
            found.sentences[heading.column] = tuple(dict.fromkeys(key for row in said for key in row))
    done = found.months.keys() | found.sentences.keys() | found.explained.keys()
    left = [head for head in left if head.column not in done]
    pairs: list[Pair] = []  # that something speaks for; what turns a column's meaning, or its company, explains it
    for heading in left:
        meant, means = evidence.in_company(record, heading, left, samples)
        some, turned = ([], means) if means else evidence.weigh(record, meant, samples)
        found.explained |= {heading.column: turned} if turned else {}
        pairs += some
    _assign(found, {heading.column: heading for heading in left}, pairs, samples)
    for key, other in wording.TABLE["instead"].get(record.ledger, {}).items():
        # A heading that is one field's, all of whose values are another's that has no column: 职务 of 支部书记 and 组织委员.
        for heading in [
            head for head in left if found.keys.get(head.column) == key and head.lowest in other["headings"]
        ]:
            texts = [*map(samples.text, samples.values(heading.column))]
            posts = texts and all(any(word in text for word in other["words"]) for text in texts)
            if posts and other["field"] not in found.keys.values():
                found.keys[heading.column] = found.near[heading.key] = other["field"]
    _numbers(found, samples)
    _rest(found, left, pairs, samples)
    _take_lone(found, samples)
    return found


def _months(found: Matched, headings: Iterable[wording.Heading]) -> None:
    """Twelve columns 1月…12月, each perhaps with 应缴 and 实缴 below it; one alone is no register of months."""
    default = found.record.months_of
    places, quarters, plain = dict[int, tuple[int | None, int, str]](), set[int](), True
    for heading in headings if default else ():
        said = wording.months_of(heading)
        if said and (key := month_field(found.record, said[3]) if said[3] else default):
            year, month, count, rest = said
            plain = plain and not rest
            above = (line[:4] for line in heading.lines[:-1] if line[4:5] in ("年", ""))  # 2026年缴纳党费金额
            year = year or next((int(line) for line in above if line.isdecimal()), None)
            key = found.record.sums.get(key, key) if count > 1 else key  # 第三季度合计
            places[heading.column] = (year, month, key)
            quarters |= {heading.column} if count > 1 else set()
    own = {(month, key) for at, (_, month, key) in places.items() if at not in quarters}
    summed = {at for at in quarters if any((places[at][1] + more, places[at][2]) in own for more in range(3))}
    found.explained |= dict.fromkeys(summed, wording.OF_OTHER_TIMES)  # the sum of months that have columns of their own
    places, quarters = {at: month for at, month in places.items() if at not in summed}, quarters - summed
    if len({month for _, month, _ in places.values()}) > 1 or quarters:
        found.months, found.quarters, found.bare = places, quarters, plain


def month_field(record: type[Record], rest: str) -> str:
    """The field that the words behind a month name; empty where they name none."""
    if known := wording.words_of(record.ledger).get(rest):
        return known[0].key
    columns = record.columns.items()
    shares = {
        key: max(wording.alike(rest, tight(own), matter_of(column)) for own in column.headings)
        for key, column in columns
    }
    best = max(shares, key=lambda key: shares[key])
    return best if shares[best] >= 0.8 else ""


def _assign(found: Matched, headings: Mapping[int, wording.Heading], pairs: Sequence[Pair], samples: Samples) -> None:
    """The weightiest pairs that fit together; of equal ones the heading that is known better, then the one further left.

    Columns that repeat a required choice (会议名称 that says 会议类型 again) are nobody's 主题 where another may be it; a choice
    under a synonym, none of whose values is a word of it, means something else here.
    """
    chosen: dict[str, Pair] = {}
    columns, taken = found.record.columns, set(found.keys.values())
    choices = [field for field in columns.values() if field.required and field.kind.words]
    repeats = {at for at in headings if any(samples.all_are(at, field) for field in choices)}

    def has_rival(pair: Pair) -> bool:
        free = [heading for heading in headings.values() if heading.column not in {*found.keys, *repeats, pair.place}]
        likely = {one.place for one in pairs if one.key == pair.key}
        words = wording.TABLE["lone"].get(f"{found.record.ledger}.{pair.key}", [])
        return any(heading.column in likely or any(map(heading.speaks_of, words)) for heading in free)

    for pair in sorted(pairs, key=lambda one: (-one.weight, one.rank is None, one.rank or 0, one.place)):
        column, at = columns[pair.key], pair.place
        choice = bool(column.kind.words)
        prose = column.required and column.identity and matter_of(column) is None and not choice
        if pair.key in taken or at in found.keys or (prose and at in repeats and has_rival(pair)):
            continue
        values = [*map(samples.text, samples.values(at))]
        unlike = pair.fits == 0 and not column.required and len({*values} if pair.rank == 0 else values) > 1
        titled = pair.rank is None and column.context and samples.contradicts(at, column)
        hours = column.kind.matter == "day" and bool(values) and all(map(only_hours, values))
        if hours or (choice and (unlike or titled)):
            found.explained[at] = f"内容不像“{column.heading}”"
            continue
        found.keys[at] = pair.key
        taken.add(pair.key)
        chosen[pair.key] = pair
        if pair.rank is None:
            found.near[headings[at].key] = pair.key
    # Two headings that are both only near, or neither of which is ours for the day, and say different things: who knows which?
    for key, mine in chosen.items():
        column = columns[key]
        if matter_of(column) in (None, "number") and not (column.required and column.kind.words):
            continue
        day = column.kind.matter == "day" and key == found.record.date
        for other in pairs:
            if other.key != key or other.place in found.keys or other.weight < 0.6:
                continue
            alike = (mine.rank is None and other.rank is None) or (day and mine.rank != 0 and other.rank != 0)
            if alike and mine.weight - other.weight < _CLOSE and samples.differ(mine.place, other.place):
                del found.keys[mine.place]
                found.near.pop(headings[mine.place].key, None)
                names = tuple(headings[at].key for at in sorted((mine.place, other.place)))
                found.doubts.append(Doubt(column, names, True))
                break


def _numbers(found: Matched, samples: Samples) -> None:
    """Columns of 工号 or 身份证号 that the ledger does not have tell apart whom their own role names, or their values."""
    columns = {at: found.record.columns[key] for at, key in found.keys.items()}
    people = {at: column for at, column in columns.items() if column.kind.links or is_of_people(column)}
    known = {"工号": "staff_no", "身份证": "id_number"}
    for heading in [head for head in samples.table.headings if people and head.column not in found.keys]:
        which = next((key for word, key in known.items() if word in heading.words), "")
        if not which:
            whose = [person.key for at, person in people.items() if samples.are_numbers_of(heading.column, at)]
        elif role := {*heading.words} - {*known, "人员"}:  # 授课人 of 授课人工号
            said = (
                (column.key, {*wording.words_in(tight(own))}) for column in people.values() for own in column.headings
            )
            whose = sorted(key for key, words in said if role == words - {"人员"})
        else:
            whose = [people[min(people, key=lambda at: (abs(at - heading.column), at))].key]
        if whose:
            found.numbers[heading.column] = (whose[0], which or "staff_no")
        elif which:
            found.explained[heading.column] = "别的人的编号"


def _rest(found: Matched, headings: Sequence[wording.Heading], pairs: Sequence[Pair], samples: Samples) -> None:
    """What is left over: a 年份 column, further columns of a matter, and those that stop the sheet until somebody says."""
    record, columns = found.record, found.record.columns
    left = [head for head in headings if head.column not in {*found.keys, *found.numbers, *found.explained}]
    date = columns.get(record.date)
    for heading in left if "year" not in columns else ():
        if wording.words_in(heading.lowest) == ("年度",):
            found.years = heading.column
            if date and date.identity and not date.required and date.key not in found.found:
                found.keys[heading.column] = found.near[heading.key] = date.key  # an honour of 2025, and no day is said
    left = [head for head in left if head.column != found.years]
    begin = next((at for at, key in found.keys.items() if key == record.date), None)
    ranges = date and (date.kind.signs == 7 or date.kind.range_allowed)
    if date and begin is not None and ranges:  # the column to the right of the record's day that says when it ended
        ends = (head.column for head in headings if found.explained.get(head.column) == wording.ENDING)
        found.until = next((at for at in ends if at > begin and samples.share(at, date) == 1), None)
    found.spans = found.until is not None
    names = {head.column: head.key for head in left}
    for pair in pairs:
        if pair.key in found.keys.values() and pair.place in names:
            found.further.setdefault(names[pair.place], pair.key)
    free = [head for head in headings if record.months_of and head.column not in {*found.keys, *found.numbers}]
    found.monthly = next(
        (head.column for head in free if wording.SAYS["monthly"].search(head.lowest)), None
    )  # 每月应缴: what a month is
    for heading in free if record.date not in found.found else ():  # quarters or ranges are the months of a row
        values = samples.values(heading.column)
        if not found.spans and values and all(months_in(raw, "2000") for raw in values):
            found.keys[heading.column] = found.near[heading.key] = record.date
            found.spans = True
    people = [at for at, key in found.keys.items() if is_of_people(columns[key])]
    to_sign = [head for head in left if "出席" in head.words]  # whom the row names has signed with that name
    signed = [head.key for head in to_sign if any(not samples.differ(at, head.column) for at in people)]
    free = [head for head in left if head.key not in {*found.further, *signed}]
    asked, held = {doubt.column.key for doubt in found.doubts}, found.found
    for key, column in columns.items() if found.identity is None else ():
        # A default, or nothing in the field's stead, says something of the branch, the day, the payment, and who took part.
        day = key == record.date and (column.required or column.identity)
        matters = day or key in ("branch", record.months_of, *record.presence)
        if matters and key not in held and key not in asked:
            some = [head for head in free if _speaks(found, column, head, samples)]
            if some and not any(some[0].key in doubt.candidates for doubt in found.doubts):  # one question a column
                found.doubts.append(Doubt(column, tuple(head.key for head in some[:OFFERED]), False))


def _take_lone(matched: Matched, samples: Samples) -> None:
    """A field that the record needs and no heading names is the one column whose words may mean it: 内容 the 主题."""
    columns, needed = matched.record.columns, list(matched.missing)
    needed += [doubt.column for doubt in matched.doubts if not doubt.needed and len(doubt.candidates) == 1]
    needed += [columns[key] for key in matched.record.presence if key not in matched.found]
    prose = {at for at, key in matched.keys.items() if type(columns[key].kind) is Prose and not columns[key].required}
    away = matched.numbers.keys() | matched.explained.keys() | matched.serial
    paid = matched.record.months_of
    if paid and paid not in matched.found and (matched.spans or span_in(samples.around)):
        needed.append(columns[paid])  # the sum of the months that the sheet is about
        away -= {at for at, means in matched.explained.items() if means == wording.OF_OTHER_TIMES}
    for column in dict.fromkeys(needed):
        words = [*wording.TABLE["lone"].get(f"{matched.record.ledger}.{column.key}", [])]
        words += ["日期"] if column.key == matched.record.date and column.required else []
        taken = away | (matched.keys.keys() - (prose if is_text(column) else set()))
        others = {*wording.CLASSES.values()} - wording.SOFT - {*words} if not is_text(column) else set()
        free = [
            heading
            for heading in samples.table.headings
            if heading.column not in taken and heading.key not in matched.further
        ]
        free = [heading for heading in free if others.isdisjoint(heading.words)]
        each = (
            [heading for heading in free if heading.speaks_of(word) and samples.may_hold(heading.column, column)]
            for word in words
        )
        fit = next(filter(None, each), [])
        if len(fit) == 1 and not any(doubt.needed and doubt.column is column for doubt in matched.doubts):
            matched.keys[fit[0].column] = matched.near[fit[0].key] = column.key
            matched.lone.add(column.key)
            settled = (fit[0].key,)
            matched.doubts = [
                doubt for doubt in matched.doubts if doubt.column is not column and doubt.candidates != settled
            ]


def _speaks(found: Matched, column: Column, heading: wording.Heading, samples: Samples) -> bool:
    """Whether a column that nobody explains speaks of what the field would otherwise take from a default."""
    record, matter, at, words = found.record, matter_of(column), heading.column, set(heading.words)
    if matter is None or wording.turned_by(heading.words, matter) or not samples.values(at):
        return False
    if column.kind.matter == "branch":
        return "支部" in words or samples.known_branches(at)
    if matter == "day":
        return "日期" in words and bool(samples.share(at, column))
    if column.key == record.months_of:
        return bool(samples.share(at, column) and words & {"实缴", "缴纳", "党费", "金额"} and "日期" not in words)
    if samples.roster.known(heading.lowest) and found.found.isdisjoint(record.presence):
        return True  # a column of a member's own, to be ticked
    told = bool(words & {"出席", "请假", "缺席", "实到"})
    if told and words <= _OF_ATTENDANCE and samples.is_prose(at) and found.found.isdisjoint(record.presence):
        return any(len(samples.text(raw)) > 3 for raw in samples.values(at))  # more than √ or 已签到
    several = any(len(name_words(samples.text(raw))) > 1 for raw in samples.values(at))
    if not told and not found.found.isdisjoint(record.presence) and not (several and column.key == record.presence[0]):
        return False  # who took part is said
    others = [field for key, field in record.columns.items() if key not in record.presence]
    taken = {word for other in others for own in other.headings for word in wording.words_in(tight(own))} - {"人员"}
    taken |= {word for word in wording.CLASSES.values() if word.endswith("人")}  # no 主持人, no 带队人
    return samples.known_people(at) and (told or (taken.isdisjoint(words) and not heading.lowest.endswith("人")))
