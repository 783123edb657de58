"""The forms of a round (评议表): self-rating with a sheet a person, one anonymous sheet a rater, one for the committee, and
where a scheme has that part one for 群众评议; 对标 lets colleagues who are no members measure themselves.

A peer form bears a code instead of the rater's name; only the list by which the forms are handed out (发放单) says whose
is whose, and it is not read back. A form that is handed in twice replaces what it said before.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time
from fractions import Fraction
from pathlib import Path

from sqlmodel import col, select

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.index.accounts import live_account
from partybuild_cli.index.compute import Circles, Computed, compute_branches
from partybuild_cli.index.numbers import in_tenths, plain
from partybuild_cli.index.pages import fields, remark
from partybuild_cli.index.participants import Participant, Roll
from partybuild_cli.index.scoring import rule_text
from partybuild_cli.outputs import Shelf, file_names, taken
from partybuild_cli.records.base.context import RATER_CODE
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.branch import Branch
from partybuild_cli.sheets.writing import Cell, Page, write_book
from partybuild_cli.store.raters import Raters


def write_forms(roll: Roll, folder: Path) -> list[Path]:
    """Write all forms of the branches that have members to score; their paths. What may be filled in is never replaced."""
    books: dict[Path, list[Page]] = {}
    for computed in compute_branches(roll, roll.names):
        for number, listed in computed.branches.items():
            if any(member.score for member in listed):
                books |= _Forms(computed, number).books(folder)
    if not books:
        raise NotFound(f"{roll.quarter.label} 没有可评议的党员，没有写出评议表。请核对季度和党支部。")
    kept = next((path for path in books if taken(path)), None)
    if kept is not None:
        raise Unfit(f"{kept} 已存在，可能已经有人填写，没有覆盖。请用 --out 换一个文件夹，或先把它移走。")
    for path, pages in books.items():
        Shelf(path.parent)
        write_book(path, pages, created=datetime.combine(roll.quarter.last, time()))
    return list(books)


class _Forms:
    """The forms of one branch; `people` are its members who are scored, by name as the import reads it: a namesake may stand on
    another form, or in another branch.
    """

    def __init__(self, computed: Computed, branch: int) -> None:
        self.computed, self.branch, self.name = computed, branch, computed.roll.names[branch]
        self.quarter, self.shown = computed.roll.quarter.chinese, load_roster(computed.roll.connection).shown
        scored = [member for member in computed.branches[branch] if member.score]
        self.listed = sorted(scored, key=lambda member: member.participant.member)
        self.people = [self.shown(member.participant.member) for member in self.listed]

    def books(self, folder: Path) -> dict[Path, list[Page]]:
        """The pages of every workbook."""
        stem = file_names(self.computed.roll.names)[self.branch]
        columns, signed = fields("standard", "own"), ("本人（签字）：",)
        own = []  # a sheet a person, the standard beside each indicator; what is filled in adds up when it is imported
        for member, who in zip(self.listed, self.people, strict=True):
            title, left, right = f"{self.quarter}党员先锋指数自评表（逐项）", f"姓名：{who}", f"党支部：{self.name}"
            rows, said = self.standards(member.participant, 2), [remark("own")]
            own.append(Page(who, title, columns, rows, left, right, serial=False, remarks=said, footer=signed))
        books = {
            folder / f"{stem}自评表.xlsx": [self.to_fill_in("自评", "self", self.people)],
            folder / f"{stem}自评表（逐项）.xlsx": own,
            folder / f"{stem}组织评定表.xlsx": [self.committee_page()],
        }
        if any(part.id == "masses" for part in self.computed.scheme.parts):
            # the means that are read back, and the slip that patients and colleagues fill in, which is only counted
            title, left = f"{self.name}{self.quarter}党员评议票", "填写人：患者□　同事□（不写姓名）"
            rows = [[name, None, None] for name in self.people]
            slip = Page("评议票", title, fields("slip"), rows, left, footer=())
            books[folder / f"{stem}群众评议表.xlsx"] = [self.to_fill_in("群众评议", "masses", self.people), slip]
        books[folder / f"{stem}群众对标表.xlsx"] = self.standard_pages()
        handed: list[list[Cell]] = []
        for rater, code, rated in self.raters():
            paths = (folder / f"{stem}互评表" / f"互评表-{code[:length]}.xlsx" for length in range(6, len(code) + 1))
            path = next(path for path in paths if path not in books)  # codes of two raters may begin alike
            page = self.to_fill_in("互评", "peer", (self.shown(who.member) for who in rated), "被评议人")
            books[path] = [replace(page, right=f"满分100　{page.right}", opening=f"评议人：{RATER_CODE}{code}")]
            handed.append([self.shown(rater.member), path.name, None])
        books[folder / f"{stem}互评表发放单.xlsx"] = [self.page("互评发放", "handed", handed)]
        return books

    def raters(self) -> list[tuple[Participant, str, list[Participant]]]:
        """Every rater with his code and those on his form, himself among them: his own row tells nobody whose form it is."""
        roll, raters = self.computed.roll, Raters(self.computed.roll.connection)
        everyone = [member.participant for member in self.computed.branches[self.branch]]
        circles = Circles(everyone, self.computed.scheme.peer)
        everybody = [*filter(circles.rates, (member.participant for member in self.listed))]
        found = ((rater, [who for who in everybody if rater in circles.around(who)]) for rater in everybody)
        return [
            (rater, raters.code(roll.quarter.label, rater.member), rated)
            for rater, rated in found
            if rater.stayed and len(rated) > 1
        ]

    def page(self, part: str, sheet: str, rows: list[list[Cell]], said: str = "", **words: object) -> Page:
        """A page with the columns and the remark of a sheet, or another remark."""
        title, left, right = (
            f"{self.name}{self.quarter}党员先锋指数{part}表",
            f"党支部：{self.name}",
            f"季度：{self.quarter}",
        )
        return Page(part, title, fields(sheet), rows, left, right, remarks=[remark(said or sheet, **words)], footer=())

    def to_fill_in(self, part: str, key: str, people: Iterable[str], whom: str = "姓名") -> Page:
        """A page with a line a person: name, score, reason."""
        page, (name, *rest) = self.page(part, "fill_in", [[who, None, None] for who in people], key), fields("fill_in")
        return replace(page, fields=[replace(name, heading=whom), *rest])

    def standards(self, who: Participant | None, blanks: int) -> list[list[Cell]]:
        """Every indicator with its standard (标准) as it holds for a member's post; one that is not asked of it is left out."""
        staff_kind, party_post = (who.staff_kind, who.party_post) if who else (None, None)
        return [
            [
                *(line.id, line.name, "作为" if line.opportunity else "义务"),
                *(rule_text(line, Fraction(line.target_for(party_post) or 0)), line.points, *[None] * blanks),
            ]
            for line in self.computed.scheme.indicators_for(staff_kind)
            if line.applies
        ]

    def standard_pages(self) -> list[Page]:
        """群众对标: the standards for colleagues who are no members; gathered as figures of departments, never anybody's score."""
        of_branch = select(Branch.departments).where(col(Branch.id) == self.branch)
        departments = self.computed.roll.connection.execute(of_branch).scalar() or "如 神经内科"
        gathered = self.page("对标汇总", "gathered", [[None] * 5 for _ in range(12)], departments=departments)
        sheet = Page(
            *("对标表", f"{self.name}{self.quarter}对标表（非党员职工自愿填写）", fields("standard", "compared")),
            *(self.standards(None, 1), "科室：", "姓名（可不写）："),
            serial=False,
            remarks=[remark("compared")],
            footer=(),
        )
        return [replace(gathered, title=f"{self.name}{self.quarter}指标台账（群众对标）"), sheet]

    def committee_page(self) -> Page:
        """组织评定: what the records say of each, in one cell: each line that earned points with its figure, then what moved it."""
        rows: list[list[Cell]] = []
        for member, name in zip(self.listed, self.people, strict=True):
            account = live_account(self.computed, member)
            earned = (line for line in account.indicators if line.state == "scored" and line.raw != "0")
            said = [f"{line.name} {line.value}" for line in earned]
            said += [f"{moved.kind} {moved.name}：{moved.value}，{moved.points} 分" for moved in account.adjustments]
            grounds = "；".join([*said, *(f"一票否决 {word}" for word in account.vetoes)])
            parts = member.score.parts if member.score else {}
            given = (parts.get(key) for key in ("obj", "self", "peer"))
            figures = (None if points is None else in_tenths(plain(points)) for points in given)
            rows.append([name, *figures, grounds, None, None])
        org = self.computed.scheme.org
        part = "组织加减分" if org == "adjustment" else "组织评定"
        page = self.page(part, org, rows, gap=self.computed.scheme.org_gap)
        return replace(page, fields=fields("committee", org))
