"""A scheme of the pioneer index (先锋指数方案): dimensions, indicators, bonus, deduction, parts, bands. Only data.

Every number of the index stands in such a scheme and none in code, so that a unit changes any rule in its own file and
an old quarter keeps the version by which it was posted. A TOML file of the unit's own (a scheme, holidays) is read into a
model, or refused in one sentence that names the fault; TOML cannot run anything. `schemes` knows which files there are, and
whether the numbers make sense together is the business of `scheme_check`.
"""

import re
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, ValidationError
from pydantic_core import ErrorDetails

from partybuild_cli.errors import NotFound, Unfit, why
from partybuild_cli.values.text import shipped

Raw = dict[str, Any]
#: How many faults of one file are said at once.
_AT_ONCE = 5


def complaints() -> dict[str, str]:
    """What is said of each kind of fault."""
    return shipped("index/complaints.toml")


def _line(value: object) -> str:
    """One line of text that a person can read."""
    if not (isinstance(value, str) and value.strip() and value.isprintable()):
        raise ValueError
    return value.strip()


Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, Field(strict=True)]
Text = Annotated[str, PlainValidator(_line)]
Words = tuple[Text, ...]
Whole = Annotated[int, Field(strict=True, ge=1, le=10000)]
#: At most four places and of sane size: more is a slip, and would make exact sums unbounded.
Number = Annotated[Decimal, Field(ge=0, le=10000, decimal_places=4, allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Percent = Annotated[Number, Field(le=100)]
Share = Annotated[Number, Field(le=1)]
Pair = tuple[Number, Number]
Numbers = dict[Text, Positive]
Ranges = dict[Text, Pair]
Option = bool | str | tuple[str, ...] | Decimal
_TAGS: dict[type, str] = {bool: "#bool", str: "#str", list: "#list", tuple: "#list"}
AnyOption = Annotated[
    Annotated[bool, Tag("#bool")]
    | Annotated[Text, Tag("#str")]
    | Annotated[Words, Tag("#list")]
    | Annotated[Number, Tag("#number")],
    Discriminator(lambda value: _TAGS.get(type(value), "#number")),
]
Options = dict[Text, AnyOption]


class Section(BaseModel):
    """A section of a file: every key is known, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


Model = TypeVar("Model", bound=Section)


def read_text(path: Path) -> str:
    """The text of a file, which must be UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise NotFound(f"找不到文件“{path}”，请检查路径。") from fault
    except UnicodeDecodeError as fault:
        raise Unfit(f"“{path}”不是 UTF-8 文本，请用 UTF-8 编码另存后再试。") from fault
    except OSError as fault:
        raise Unfit(f"“{path}”读不出来（{why(fault)}），请检查它是不是文件、有没有读取权限。") from fault


def parse_toml(text: str, file: str) -> Raw:
    """The top table of a TOML text; floats are read as decimals. `file` is only named in complaints."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError as fault:
        raise Unfit(f"“{file}”的括号套得太深，不像是方案或节假日文件。") from fault
    except (ValueError, ArithmeticError) as fault:
        at = re.search(r"at line (\d+), column (\d+)", str(fault))
        place = f"第 {at[1]} 行第 {at[2]} 列" if at else "某处（可能在文件末尾）"
        raise Unfit(f"“{file}”{place}不合 TOML 写法，请检查引号、方括号、等号和重复的键。") from fault


def validated(model: type[Model], raw: Raw, file: str) -> Model:
    """The table of a file as its model. Unfit where a key is missing, unknown or holds what it cannot."""
    try:
        return model.model_validate(raw)
    except ValidationError as fault:
        problems = sorted(fault.errors(include_url=False), key=lambda fault: fault["type"] == "missing")
        raise key_faults(file, *(_complaint(problem, raw) for problem in problems)) from fault


def _complaint(problem: ErrorDetails, raw: Any) -> tuple[str, str, str]:
    """What pydantic found, in words: the section, the key, and what is wrong with it."""
    context = {
        key: str(value).replace("'", "").replace(" or ", "、").replace(", ", "、")
        for key, value in problem.get("ctx", {}).items()
    }
    said = complaints()
    complaint = said.get(problem["type"], said["other"]).format(**context)
    path = [key for key in problem["loc"] if not str(key).startswith("#")]
    if path[-1] == "[key]":
        path, complaint = path[:-2], "里有空的或带控制字符的键"
    if isinstance(path[-1], int):  # an entry of a list of sections, of words, or one of the pairs of `steps`
        places = [path.pop() for _ in range(1 + isinstance(path[-2], int))]
        section = f"（[[{path[-1]}]]）" if problem["type"] == "model_type" else ""
        pair = said["too_long"]
        complaint = pair if complaint in (pair, said["missing"]) else f"的第 {int(places[-1]) + 1} 项{complaint}"
        complaint = complaint.replace(said["model_type"], f"应当是一节{section}")
    name = str(path.pop())
    if path and path[-1] in ("each", "ranges", "target_by_post"):
        name = f"{path.pop()}.{name}"
    place: list[str] = []  # the section that the path leads to, as the clerk finds it in the file
    for key in path:
        raw = raw[key]
        if isinstance(key, str):
            place.append(f"{key} ")
        else:
            title = place.pop().strip()
            place.append(called(title, raw) or f"{title} 第 {key + 1} 项")
    return "的 ".join(place), name, complaint


def called(title: str, entry: Raw) -> str | None:
    """What an indicator or a profile is called in complaints; None calls an entry of any other list by its place."""
    if title == "profiles":
        kinds = entry.get("staff_kinds")
        return f"岗位类别 {'、'.join(map(str, kinds)) if isinstance(kinds, list) else '（没有写）'} "
    if title == "indicators":
        return f"指标 {entry['id']} " if isinstance(entry.get("id"), str) else "未写 id 的指标"
    return None


def key_faults(file: str, *faults: tuple[str, str, str]) -> Unfit:
    """What is wrong with some keys, each by its section in the file, its name and the complaint."""
    said = [f"{place}{'的' if place else ''}“{key}”{complaint}" for place, key, complaint in faults[:_AT_ONCE]]
    more = f"；共 {len(faults)} 处" if len(faults) > _AT_ONCE else ""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in "；".join(said))
    return Unfit(f"“{file}”：{shown}{more}。请改正后再试。")


class Dimension(Section):
    """A dimension (维度), such as A 政治学习 of 20 points."""

    id: Text
    name: Text
    points: Number


class Measurable(Section):
    """What a line of the scheme measures: `kinds` are the words of the ledger that it counts, `each` prices words."""

    name: Text
    measure: Text
    each: Numbers = Field({})
    kinds: Words = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it counts by."""
        return (*self.each, *self.granted)

    @property
    def granted(self) -> Ranges:
        """The words whose points the committee grants, within their range."""
        found: Ranges = getattr(self, "ranges", {})
        return found

    def option(self, name: str) -> Option | None:
        """How an option of its measure is set."""
        options: dict[str, Option] = getattr(self, "options", {})
        return options.get(name)

    @cached_property
    def question(self) -> tuple[object, ...]:
        """What it asks of its measure; lines that ask the same are answered once."""
        options = tuple(getattr(self, "options", {}).items())
        return self.measure, self.kinds, self.words, tuple(self.granted.items()), options

    @cached_property
    def prices(self) -> dict[str, Fraction]:
        """What each word is worth; of a word whose points the committee grants, the points themselves are counted."""
        return {word: Fraction(price) for word, price in self.each.items()} | dict.fromkeys(self.granted, Fraction(1))


class Indicator(Measurable):
    """An indicator (指标): what is measured, and by which rule it becomes points. Of target, each, steps and per only
    those are set that its rule takes; `options` settle the rest of how the measure counts. A duty (义务) is owed by all;
    an `opportunity` (作为) is what one may do more. `applies` is false in a profile of which it is not asked.
    """

    id: Text
    dimension: Text
    points: Positive
    rule: Literal["ratio", "share", "each", "step", "flag", "minus"]
    target: Positive | None = None
    target_by_post: Numbers = Field({})
    steps: tuple[Pair, ...] = ()
    per: Positive | None = None
    options: Options = Field({})
    opportunity: Flag = False
    applies: Flag = True

    @cached_property
    def worth(self) -> Fraction:
        """Its points, exact."""
        return Fraction(self.points)

    def target_for(self, party_post: str | None) -> Decimal | None:
        """The target of one who holds this 党内职务: the first key that stands in it, 组织委员 being a 委员."""
        held = party_post or ""
        return next((target for word, target in self.target_by_post.items() if word in held), self.target)


class Profile(Section):
    """What differs for some 岗位类别 (个性化设置): all indicators as they hold there, and the ids of those changed."""

    staff_kinds: Words = ()
    indicators: tuple[Indicator, ...]
    changed: Words


class Adjustment(Measurable):
    """A bonus or deduction item (加分项、扣分项): points for each word, or a range in which the committee grants them."""

    ranges: Ranges = Field({})
    cap: Number | None = None
    enabled: Flag = True


class Adjustments(Section):
    """All bonus or all deduction items, and the most they can move a score."""

    cap: Percent
    items: tuple[Adjustment, ...] = ()


class ScorePart(Section):
    """A part of the quarter's score (自评 互评 群众评议 组织评定 记录得分) and its weight."""

    id: Literal["self", "peer", "masses", "org", "obj"]
    name: Text
    weight: Annotated[Share, Field(gt=0)]


class PeerSettings(Section):
    """From how many raters on the extremes are dropped, the least share of raters and of presence, who is a peer (互评)."""

    trim_from: Annotated[Whole, Field(ge=3)]  # without the highest and the lowest one stays
    minimum_share: Share
    least_presence: Share = Decimal(0)
    scope: Literal["group", "branch"]


class Band(Section):
    """A band of the quarter (档次); its word must not be one of the 民主评议 grades."""

    name: Text
    start: Percent = Field(alias="from")


class AnnualSettings(Section):
    """What makes the year's index out of the quarters, the proposal for 优秀 and the coefficient of the pay part."""

    least_quarters: Annotated[Whole, Field(le=4)]
    excellent_one_in: Annotated[Whole, Field(ge=3)]  # 优秀不超过正式党员的三分之一
    quarter_floor: Percent
    full_coefficient_at: Annotated[Percent, Field(gt=0)]
    pay_share: Share


class Scheme(Section):
    """A whole scheme. `key` names it together with its version, as a posting keeps it: 默认方案@1. `least_coverage` is the
    share of the duties that must have data for a score, `prorated` whether targets and counts follow the days that
    somebody was there, `ranked_apart` whether 在岗, 退休 and 预备 have ranks of their own, `org` how the committee rates:
    with a score (absolute) or by what it gives or takes (adjustment).
    """

    id: Text
    version: Whole
    title: Text
    from_quarter: Annotated[str, Field(pattern="^[0-9]{4}Q[1-4]$")]
    missing: Literal["redistribute", "zero"]
    org_gap: Number
    least_coverage: Share = Decimal(0)
    prorated: Flag = False
    ranked_apart: Flag = False
    org: Literal["absolute", "adjustment"] = "absolute"
    posting_days: Whole
    profile_dimensions: Words = ()
    veto: Words = ()
    dimensions: tuple[Dimension, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    profiles: tuple[Profile, ...] = ()
    bonus: Adjustments
    deduction: Adjustments
    parts: tuple[ScorePart, ...] = ()
    peer: PeerSettings
    bands: tuple[Band, ...] = ()
    annual: AnnualSettings

    @property
    def key(self) -> str:
        return f"{self.id}@{self.version}"

    @property
    def lines(self) -> list[Measurable]:
        """Every indicator, bonus and deduction item, under any profile, switched off or not."""
        of_profiles = (line for profile in self.profiles for line in profile.indicators)
        return [*self.indicators, *of_profiles, *self.bonus.items, *self.deduction.items]

    def indicators_for(self, staff_kind: str | None) -> tuple[Indicator, ...]:
        """The indicators as they hold for one 岗位类别."""
        return next((each.indicators for each in self.profiles if staff_kind in each.staff_kinds), self.indicators)

    def band(self, score: Decimal) -> str:
        """The band of a score as posted; bands stand from the highest down, and the last begins at 0."""
        return next(band.name for band in self.bands if score >= band.start or band is self.bands[-1])
