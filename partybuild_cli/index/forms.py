"""The forms of a round (评议表): self-rating with a sheet a person, one anonymous sheet a rater, one for the committee, and
where a scheme has that part one for 群众评议; 对标 lets colleagues who are no members measure themselves.

A peer form bears a code instead of the rater's name; only the list by which the forms are handed out (发放单) says whose
is whose, and it is not read back. A form that is handed in twice replaces what it said before.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from fractions import Fraction
from pathlib import Path

from sqlmodel import col, select

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.index.accounts import live_account
from partybuild_cli.index.compute import Computed, Ranked, compute_branches
from partybuild_cli.index.numbers import in_tenths, plain
from partybuild_cli.index.pages import fields
from partybuild_cli.index.participants import Participant, Roll
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.ratings import Circles
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.scoring import rule_text
from partybuild_cli.outputs import Shelf, file_names, taken
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.base.row import RATER_CODE
from partybuild_cli.records.branch import Branch
from partybuild_cli.records.rating import Rating
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book
from partybuild_cli.store.raters import Raters

_IMPORT = "填好后用 partybuild import 导入"
_NAME = Field("姓名", "center", 14.0)
_SCORE = Field("得分", "number", 10.0, note="0 到 100 分，可以有小数；不评的留空。")
_MORE = _SCORE._replace(heading="加减分", note="在记录得分上加几分写正数，减几分写负数；不加不减的留空。")
_REASON = Field("理由", "text", 36.0)
_STANDARD = (
    Field("编号", "center", 7.0),
    Field("指标", "text", 20.0),
    Field("性质", "center", 8.0),
    Field("标准", "text", 60.0),
    Field(Rating.added_up[1], "number", 8.0),
)


def write_forms(roll: Roll, folder: Path) -> list[Path]:
    """Write all forms of a branch, or of every branch that has members to score; their paths.

    NotFound when there is nobody to be rated. Unfit, and nothing is written, where somebody may have filled in a form.
    """
    books: dict[Path, list[Page]] = {}
    quarter = roll.quarter
    for computed in compute_branches(roll, roll.names):
        for number, listed in computed.branches.items():
            if any(member.score for member in listed):
                books |= _of_branch(computed, number, folder)
    if not books:
        raise NotFound(f"{quarter.label} 没有可评议的党员，没有写出评议表。请核对季度和党支部。")
    kept = next((path for path in books if taken(path)), None)
    if kept is not None:
        raise Unfit(f"{kept} 已存在，可能已经有人填写，没有覆盖。请用 --out 换一个文件夹，或先把它移走。")
    for path, pages in books.items():
        Shelf(path.parent)
        write_book(path, pages, created=datetime.combine(quarter.last, time()))
    return list(books)


def _of_branch(computed: Computed, branch: int, folder: Path) -> dict[Path, list[Page]]:
    roll, quarter = computed.roll, computed.roll.quarter
    name, stem = roll.names[branch], file_names(roll.names)[branch]
    # as the import reads it: a namesake may stand on another form, or in another branch
    shown = load_roster(roll.connection).shown
    scored = [member for member in computed.branches[branch] if member.score]
    listed = sorted(scored, key=lambda member: member.participant.member)
    people = [shown(member.participant.member) for member in listed]
    remark = (
        "每人在自己一行填写得分（0 到 100）和理由；没有自评的留空。也可以改填“自评表（逐项）”里本人的一张，导入时自动合计。"
        f"{_IMPORT}。"
    )
    books = {
        folder / f"{stem}自评表.xlsx": [_to_fill_in(quarter, name, "自评", people, remark)],
        folder / f"{stem}自评表（逐项）.xlsx": _own_pages(computed, name, listed, people),
        folder / f"{stem}组织评定表.xlsx": [_committee_page(computed, name, listed, people)],
    }
    if any(part.id == "masses" for part in computed.scheme.parts):
        books[folder / f"{stem}群众评议表.xlsx"] = _masses_pages(quarter, name, people)
    books[folder / f"{stem}群众对标表.xlsx"] = _standard_pages(computed, branch, name)
    handed: list[list[Cell]] = []
    remark = "匿名评议：评议人是代码，请勿改动，也不要另写姓名；本人一行和不评的人留空。改评后再交一次，以后交的为准。"
    for rater, code, rated in _raters(computed, branch):
        paths = (folder / f"{stem}互评表" / f"互评表-{code[:length]}.xlsx" for length in range(6, len(code) + 1))
        path = next(path for path in paths if path not in books)  # codes of two raters may begin alike
        page = _to_fill_in(quarter, name, "互评", (shown(who.member) for who in rated), remark, "被评议人")
        books[path] = [page._replace(right=f"满分100　{page.right}", opening=f"评议人：{RATER_CODE}{code}")]
        handed.append([shown(rater.member), path.name, None])
    columns = [Field("领表人", "center", 16.0), Field("评议表文件", "center", 30.0), Field("签收", "center", 16.0)]
    remark = "本表只用于发放，不导入；收齐评议表后请销毁，以保证互评匿名。"
    books[folder / f"{stem}互评表发放单.xlsx"] = [_page(quarter, name, "互评发放", columns, handed, remark)]
    return books


def _raters(computed: Computed, branch: int) -> list[tuple[Participant, str, list[Participant]]]:
    """Every rater with his code and those on his form, himself among them: his own row tells nobody whose form it is."""
    listed, raters = computed.branches[branch], Raters(computed.roll.connection)
    circles = Circles([member.participant for member in listed], computed.scheme.peer)
    scored = (member.participant for member in listed if member.score)
    everybody = sorted(filter(circles.rates, scored), key=lambda who: who.member)
    found = ((rater, [who for who in everybody if rater in circles.around(who)]) for rater in everybody)
    return [
        (rater, raters.code(computed.roll.quarter.label, rater.member), rated)
        for rater, rated in found
        if rater.stayed and len(rated) > 1
    ]


def _page(quarter: Quarter, branch: str, part: str, columns: list[Field], rows: list[list[Cell]], remark: str) -> Page:
    return Page(
        name=part,
        title=f"{branch}{quarter.chinese}党员先锋指数{part}表",
        left=f"党支部：{branch}",
        right=f"季度：{quarter.chinese}",
        fields=columns,
        rows=rows,
        remarks=[f"说明：{remark}"],
        footer=(),
    )


def _to_fill_in(
    quarter: Quarter, branch: str, part: str, people: Iterable[str], remark: str, whom: str = _NAME.heading
) -> Page:
    """A page with a line a person: name, score, reason."""
    columns = [_NAME._replace(heading=whom), _SCORE, _REASON]
    return _page(quarter, branch, part, columns, [[name, None, None] for name in people], remark)


def _standards(scheme: Scheme, staff_kind: str | None, party_post: str | None, blanks: int) -> list[list[Cell]]:
    """Every indicator with its standard (标准) as it holds for a post; one that is not asked of it is left out."""
    return [
        [
            *(line.id, line.name, "作为" if line.opportunity else "义务"),
            *(rule_text(line, Fraction(line.target_for(party_post) or 0)), line.points, *[None] * blanks),
        ]
        for line in scheme.indicators_for(staff_kind)
        if line.applies
    ]


def _own_pages(computed: Computed, branch: str, listed: Sequence[Ranked], people: Sequence[str]) -> list[Page]:
    """自评（逐项）: a sheet a person, the standard beside each indicator; what is filled in adds up when it is imported."""
    return [
        Page(
            name=person,
            title=f"{computed.roll.quarter.chinese}党员先锋指数自评表（逐项）",
            left=f"姓名：{person}",
            right=f"党支部：{branch}",
            fields=[*_STANDARD, Field(Rating.added_up[0], "number", 10.0), Field("说明", "text", 30.0)],
            rows=_standards(computed.scheme, member.participant.staff_kind, member.participant.party_post, 2),
            serial=False,
            remarks=[f"说明：逐项对照标准打分，不超过满分，不适用的留空。{_IMPORT}，各项自动合计为自评得分。"],
            footer=("本人（签字）：",),
        )
        for person, member in zip(people, listed, strict=True)
    ]


def _masses_pages(quarter: Quarter, branch: str, people: Sequence[str]) -> list[Page]:
    """群众评议: the means that are read back, and the slip that patients and colleagues fill in, which is only counted."""
    remark = f"由患者、同事填写后面的评议票（不记名，只计数）；这里填每人各票的平均分，理由写收回几票。{_IMPORT}。"
    slip = Page(
        name="评议票",
        title=f"{branch}{quarter.chinese}党员评议票",
        left="填写人：患者□　同事□（不写姓名）",
        fields=[Field("党员", "center", 16.0), Field("评价（0 到 100）", "number", 18.0), Field("意见", "text", 50.0)],
        rows=[[name, None, None] for name in people],
        footer=(),
    )
    return [_to_fill_in(quarter, branch, "群众评议", people, remark), slip]


def _standard_pages(computed: Computed, branch: int, name: str) -> list[Page]:
    """群众对标: the standards for colleagues who are no members; gathered as figures of departments, never anybody's score."""
    quarter, connection = computed.roll.quarter, computed.roll.connection
    text = connection.execute(select(Branch.departments).where(col(Branch.id) == branch)).scalar()
    columns = [*fields("text", 24.0, "对象", "指标"), Field("期间", "center", 12.0)]
    columns += [Field("实际值", "number", 10.0), Field("单位", "center", 8.0)]
    remark = (
        f"按科室汇总，对象写科室（{text or '如 神经内科'}），指标写“群众对标均分”（单位写 分）或“群众对标人数”（单位写 人）。"
        f"{_IMPORT}指标台账；不计入任何党员的得分。"
    )
    gathered = _page(quarter, name, "对标汇总", columns, [[None] * 5 for _ in range(12)], remark)
    sheet = Page(
        name="对标表",
        title=f"{name}{quarter.chinese}对标表（非党员职工自愿填写）",
        left="科室：",
        right="姓名（可不写）：",
        fields=[*_STANDARD, Field("自己对照", "number", 10.0)],
        rows=_standards(computed.scheme, None, None, 1),
        serial=False,
        remarks=["说明：以党员的标准对照自己，党内事项不适用的留空；只用于自我对照和科室汇总，不记入个人。"],
        footer=(),
    )
    return [gathered._replace(title=f"{name}{quarter.chinese}指标台账（群众对标）"), sheet]


def _committee_page(computed: Computed, branch: str, listed: Sequence[Ranked], people: Sequence[str]) -> Page:
    """组织评定: what the records say of each, in one cell: each line that earned points with its figure, then what moved it."""
    columns = [
        _NAME._replace(width=12.0),
        *fields("number", 9.0, "记录得分", "本人自评", "互评均分"),
        Field("主要佐证", "text", 60.0),
    ]
    rows: list[list[Cell]] = []
    for member, name in zip(listed, people, strict=True):
        account = live_account(computed, member)
        said = [
            f"{line.name} {line.value}" for line in account.indicators if line.state == "scored" and line.raw != "0"
        ]
        said += [f"{moved.kind} {moved.name}：{moved.value}，{moved.points} 分" for moved in account.adjustments]
        grounds = "；".join([*said, *(f"一票否决 {word}" for word in account.vetoes)])
        parts = member.score.parts if member.score else {}
        given = (parts.get(key) for key in ("obj", "self", "peer"))
        shown = (None if points is None else in_tenths(plain(points)) for points in given)
        rows.append([name, *shown, grounds, None, None])
    if computed.scheme.org == "adjustment":
        remark = "加减分留空的，组织评定取记录得分；加、减都要写理由。记录补登以后，加减分跟着新的记录得分。"
        return _page(computed.roll.quarter, branch, "组织加减分", [*columns, _MORE, _REASON], rows, remark)
    remark = f"得分留空的，组织评定取记录得分；与记录得分相差超过 {computed.scheme.org_gap} 分的要写理由。"
    columns += [_SCORE, _REASON._replace(width=24.0)]
    return _page(computed.roll.quarter, branch, "组织评定", columns, rows, remark)
