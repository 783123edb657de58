"""Pages of the index as workbooks (指数表格): the posting, the year of a branch, one member's account; and the forms of a round
(评议表): self-rating with a sheet a person, one anonymous sheet a rater, one for the committee, and where a scheme has that part
one for 群众评议; 对标 lets colleagues who are no members measure themselves.

The same posting gives the same bytes whenever it is printed. A peer form bears a code instead of the rater's name; only the
list by which the forms are handed out (发放单) says whose is whose, and it is not read back.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import col, select

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.index.accounts import Account, AccountLine, frozen_accounts, list_quarter, live_account, told_apart
from partybuild_cli.index.annual import Year, YearLine
from partybuild_cli.index.compute import Circles, Computed, compute_branches
from partybuild_cli.index.numbers import in_tenths, plain
from partybuild_cli.index.participants import Participant, Roll
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import Round, revisions_of
from partybuild_cli.index.scoring import PARTS, rule_text
from partybuild_cli.outputs import Shelf, file_names, taken
from partybuild_cli.records.base.roster import load_roster
from partybuild_cli.records.base.row import RATER_CODE
from partybuild_cli.records.branch import Branch
from partybuild_cli.records.settings import Settings, settings_of
from partybuild_cli.sheets.writing import Cell, Field, Page, write_book
from partybuild_cli.store.forget import Raters
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.people import mask_name
from partybuild_cli.values.period import running
from partybuild_cli.values.text import shipped

#: The sheet of a posting.
POSTING = "先锋指数公示"
_NARROW = 6.3  # sixteen columns across a portrait page
_STATES = {"no_data": "无数据", "not_applicable": "不适用"}


#: What stands on a sheet, and where nothing else is said of it.
_TEXTS = {"name": "", "title": "", "left": "党支部：{branch}", "right": "季度：{quarter}", "opening": ""}


def _sheet(sheet: str, rows: list[list[Cell]], **words: object) -> Page:
    """A sheet as it is declared, with the words that it is given."""
    declared = shipped("index/pages.toml")
    said = declared["sheets"][sheet]
    columns = [Field(*column) for part in said["columns"] for column in declared["columns"][part]]
    texts = {key: said.get(key, usual).format(**words) for key, usual in _TEXTS.items()}
    more = {key: said[key] for key in ("serial", "footer", "upright") if key in said}
    remarks = [said["remark"].format(**words)] if "remark" in said else ()
    return Page(fields=columns, rows=rows, remarks=remarks, **texts, **more)


def write_posting(roll: Roll, branch: int, shelf: Shelf, *, mask: bool = False, revision: int | None = None) -> Path:
    """The posting sheet of a branch (公示表), by default the last revision; its path. It bears the day of that posting."""
    which = (f"（第{revision}次）" if revision else "") + ("（对外）" if mask else "")
    path = shelf.place(f"{file_names(roll.names)[branch]}{roll.quarter.chinese}先锋指数公示表{which}.xlsx")
    began = _began(roll.quarter, _shown(roll, branch, revision))
    page = posting_page(roll, branch, mask=mask, revision=revision)
    write_book(path, [page], created=datetime.combine(began, time()))
    return path


def write_former(roll: Roll, shelf: Shelf, revision: int, *, mask: bool = False) -> list[Path]:
    """The posting sheets of an earlier revision. NotFound where no branch has so many."""
    found = [number for number in roll.rounds() if _shown(roll, number, revision)]
    if not found:
        label = roll.quarter.label
        see = f"请用 partybuild index diff {label} --revision 查看有哪几次"
        raise NotFound(f"{label} 没有第 {revision} 次公示。{see}。")
    return [write_posting(roll, number, shelf, mask=mask, revision=revision) for number in found]


def _shown(roll: Roll, branch: int, revision: int | None) -> Round | None:
    """The posting that is shown: the last, or that of a revision."""
    kept = reversed(revisions_of(roll.connection, roll.quarter, branch))
    return next((posted for posted in kept if not posted.open and revision in (None, posted.revision)), None)


def _began(quarter: Quarter, posted: Round | None) -> date:
    """The day on which a posting began; of a draft, the end of the quarter."""
    return date.fromisoformat(posted.posted_from) if posted and posted.posted_from else quarter.last


def posting_page(roll: Roll, branch: int, *, mask: bool = False, revision: int | None = None) -> Page:
    """The posting as frozen, or what the records say now; no personal data but the name: not the illness of who is 免考核."""
    connection, quarter, shown = roll.connection, roll.quarter, _shown(roll, branch, revision)
    accounts = frozen_accounts(connection, shown) if shown else list_quarter(roll.of([branch])).branches.get(branch, [])
    captions = next((account.dimension_names for account in accounts if account.dimension_names), {})
    parts = next((list(account.parts) for account in accounts if account.parts), ["self", "peer", "org"])
    names = [mask_name(account.name) for account in accounts] if mask else told_apart(accounts)
    lacking, remarks = lacking_indicators(accounts), list[str]()
    if lacking:
        remarks.append(f"以下指标本季度没有台账记录，分值按方案分给其他指标：{'、'.join(lacking)}。")
    if shown is not None and shown.revision > 1:
        remarks.append(f"本表为第 {shown.revision} 次公示，修订理由：{shown.reason}。")
    until = "    年  月  日至    年  月  日（5个工作日）"
    if shown and shown.posted_from and shown.posted_until:
        until = f"{chinese_day(shown.posted_from)}至{chinese_day(shown.posted_until)}（{shown.posted_days}个工作日）"
    rows: list[list[Cell]] = []
    for account, called in zip(accounts, names, strict=True):
        figures = [account.bonus, account.deduction, account.base, *map(account.parts.get, parts), account.score]
        noted = "一票否决" if account.vetoes else "预备党员" if account.category == "预备党员" else None
        earned: list[Cell] = [Decimal(account.posted_dimensions[key]) for key in captions if not account.unscored]
        row = [called, *earned, *map(in_tenths, figures), account.band, noted]
        why = f"不计分：{account.unscored.partition('：')[0]}"
        rows.append([called, *[None] * (len(captions) + len(parts) + 5), why] if account.unscored else row)
    desk = desk_of(connection, quarter, shown)
    words: dict[str, object] = {
        **{key: getattr(desk, key) or " " * 12 for key in ("reception_desk", "reception_phone", "opinion_box")},
        **{"quarter": quarter.chinese, "until": until, "draft": "" if shown else "（草稿）"},
        "branch": accounts[0].branch if accounts else roll.names[branch],
        "scheme": (accounts[0].scheme if accounts else "—") + ("" if shown else running(quarter, date.today())),
    }
    page = _sheet("posting", rows, **words)
    name, *rest = page.fields
    columns = [Field(caption, "number", _NARROW + 0.7) for caption in captions.values()]
    columns += [Field(part, "number", _NARROW) for part in ("加分", "扣分", "基础得分", *map(PARTS.__getitem__, parts))]
    return page._replace(fields=[name, *columns, *rest], remarks=remarks)


def desk_of(connection: Connection, quarter: Quarter, posted: Round | None) -> Settings:
    """Whom an objection goes to (受理人), as it was said when the posting began; of a draft, when the quarter ended."""
    return settings_of(connection, _began(quarter, posted))


def lacking_indicators(accounts: Sequence[Account]) -> list[str]:
    """Indicators without data for everybody who is scored."""
    scored = [account for account in accounts if account.indicators]
    lines = scored[0].indicators if scored else ()
    return [line.name for line in lines if all(line.id in account.no_data for account in scored)]


def annual_pages(year: Year) -> list[Page]:
    """年度汇总表, one page a branch."""
    branches, pages = dict[str, list[YearLine]](), list[Page]()
    for line in year.lines:
        branches.setdefault(line.participant.branch_name, []).append(line)
    drafts = [f"{'、'.join(year.drafts)} 尚未公示，所列为草稿得分。"] if year.drafts else []
    for branch, lines in branches.items():
        labels = sorted({label for line in lines for label in line.quarters})
        rows: list[list[Cell]] = []
        for line, name in zip(lines, told_apart([line.participant for line in lines]), strict=True):
            score = line.score
            figures = [score.index, score.rank, line.band, score.coefficient, score.pay_part, score.proposal]
            rows.append([name, line.participant.category, *map(line.quarters.get, labels), *figures, line.review])
        page = _sheet("annual", rows, branch=branch, year=year.year)
        quarters = [Field(f"第{'一二三四'[int(label[5]) - 1]}季度", "number", 9.0) for label in labels]
        fields = [*page.fields[:2], *quarters, *page.fields[2:]]
        pages.append(page._replace(fields=fields, remarks=[*page.remarks, *drafts]))
    return pages


def account_page(account: Account) -> Page:
    """个人得分明细: every line with its points and the records behind it."""
    rows: list[list[Cell]] = []
    for line in account.indicators:
        figures = [Decimal(line.points), Decimal(line.max)]
        rows.append([line.id, line.name, _STATES.get(line.state, line.value), line.rule, *figures, _records(line)])
    rows += [
        [moved.kind, moved.name, moved.value, None, Decimal(moved.points), None, _records(moved)]
        for moved in account.adjustments
    ]
    words = {"who": account.name, "branch": account.branch, "quarter": account.quarter, "scheme": account.scheme}
    return _sheet("account", rows, **words)._replace(remarks=[*_account_remarks(account)])


def _records(line: AccountLine) -> str:
    told = ((" ".join(filter(None, (record.day, record.title))), record.note) for record in line.records)
    return "；".join(f"{said}（{note}）" if note else said for said, note in told)


def _account_remarks(account: Account) -> Iterator[str]:
    if account.unscored:
        yield f"列名，不计分：{account.unscored}。"
        return
    parts = "，".join(f"{PARTS[key]} {points or '无'}" for key, points in account.parts.items())
    moved = f"加分 {account.bonus} - 扣分 {account.deduction}"
    yield f"基础得分 {account.base or '无'} + {moved} = 记录得分 {account.obj or '无'}；{parts}。"
    if account.vetoes:
        yield f"一票否决：{'、'.join(account.vetoes)}，本季度为 0 分。"
    yield f"季度指数 {account.score or '无'}，档次 {account.band or '无'}。"


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
    """The forms of one branch; `people` are those of its members who are scored, by name as the import reads it."""

    def __init__(self, computed: Computed, branch: int) -> None:
        self.computed, self.branch, self.name = computed, branch, computed.roll.names[branch]
        self.quarter, self.shown = computed.roll.quarter.chinese, load_roster(computed.roll.connection).shown
        scored = [member for member in computed.branches[branch] if member.score]
        self.listed = sorted(scored, key=lambda member: member.participant.member)
        self.people = [self.shown(member.participant.member) for member in self.listed]

    def books(self, folder: Path) -> dict[Path, list[Page]]:
        """The pages of every workbook."""
        stem, scheme = file_names(self.computed.roll.names)[self.branch], self.computed.scheme
        own = [  # a sheet a person, the standard beside each indicator; what is filled in adds up when it is imported
            self.page("own", self.standards(member.participant, 2), who=name)
            for member, name in zip(self.listed, self.people, strict=True)
        ]
        books = {
            folder / f"{stem}自评表.xlsx": [self.page("self", self.to_fill_in())],
            folder / f"{stem}自评表（逐项）.xlsx": own,
            folder / f"{stem}组织评定表.xlsx": [self.page(scheme.org, self.committee(), gap=scheme.org_gap)],
        }
        if any(part.id == "masses" for part in scheme.parts):
            both = [self.page(sheet, self.to_fill_in()) for sheet in ("masses", "slip")]
            books[folder / f"{stem}群众评议表.xlsx"] = both
        of_branch = select(Branch.departments).where(col(Branch.id) == self.branch)
        departments = self.computed.roll.connection.execute(of_branch).scalar() or "如 神经内科"
        gathered = self.page("gathered", [[None] * 5 for _ in range(12)], departments=departments)
        books[folder / f"{stem}群众对标表.xlsx"] = [gathered, self.page("compared", self.standards(None, 1))]
        handed: list[list[Cell]] = []
        for rater, code, rated in self.raters():
            paths = (folder / f"{stem}互评表" / f"互评表-{code[:length]}.xlsx" for length in range(6, len(code) + 1))
            path = next(path for path in paths if path not in books)  # codes of two raters may begin alike
            rows = self.to_fill_in(self.shown(who.member) for who in rated)
            books[path] = [self.page("peer", rows, rater=f"{RATER_CODE}{code}")]
            handed.append([self.shown(rater.member), path.name, None])
        books[folder / f"{stem}互评表发放单.xlsx"] = [self.page("handed", handed)]
        return books

    def page(self, sheet: str, rows: list[list[Cell]], **words: object) -> Page:
        return _sheet(sheet, rows, branch=self.name, quarter=self.quarter, **words)

    def to_fill_in(self, people: Iterable[str] = ()) -> list[list[Cell]]:
        """A line a person, or for everybody: name, score, reason."""
        return [[name, None, None] for name in people or self.people]

    def raters(self) -> list[tuple[Participant, str, list[Participant]]]:
        """Every rater with his code and those on his form, himself among them: his own row tells nobody whose form it is."""
        roll, raters = self.computed.roll, Raters(self.computed.roll.connection)
        everyone = [member.participant for member in self.computed.branches[self.branch]]
        circles = Circles(everyone, self.computed.scheme.peer)
        everybody = [*filter(circles.rates, (member.participant for member in self.listed))]
        found = ((rater, [who for who in everybody if rater in circles.around(who)]) for rater in everybody)
        label = roll.quarter.label
        return [(who, raters.code(label, who.member), of) for who, of in found if who.stayed and len(of) > 1]

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

    def committee(self) -> list[list[Cell]]:
        """What the records say of each, in one cell: each line that earned points with its figure, then what moved it."""
        rows: list[list[Cell]] = []
        for member, name in zip(self.listed, self.people, strict=True):
            account = live_account(self.computed, member)
            earned = (line for line in account.indicators if line.state == "scored" and line.raw != "0")
            said = [f"{line.name} {line.value}" for line in earned]
            said += [f"{moved.kind} {moved.name}：{moved.value}，{moved.points} 分" for moved in account.adjustments]
            grounds = "；".join([*said, *(f"一票否决 {word}" for word in account.vetoes)])
            given = (member.score.parts[key] if member.score else None for key in ("obj", "self", "peer"))
            figures = (None if points is None else in_tenths(plain(points)) for points in given)
            rows.append([name, *figures, grounds, None, None])
        return rows
