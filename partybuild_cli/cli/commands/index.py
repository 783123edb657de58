"""`index`: the pioneer index of a quarter, from computing to the year (先锋指数); the scoring rules as data (评分方案)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from os.path import lexists
from pathlib import Path
from typing import Annotated

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands import index_rounds
from partybuild_cli.cli.lazy import Commands, argument, flag, later, option
from partybuild_cli.cli.options import MEMBERS, AsJson, InYear, OfBranch, Quarterly, unfinished
from partybuild_cli.cli.session import branch_of, number_of, reading, shell_word, the_book
from partybuild_cli.errors import InputProblems, Unfit, UsageFault
from partybuild_cli.index.numbers import in_tenths, plain
from partybuild_cli.index.quarter import STATE_WORDS, Document, Quarter, parse_quarter
from partybuild_cli.outputs import put

with later():
    from partybuild_cli.index import accounts, annual, compute, diff, pages, participants, schemes, scoring
    from partybuild_cli.sheets import writing

app = Commands("先锋指数：计算、排名、逐项说明、公示。", "partybuild index compute 2026Q3")
_STATES = {"no_data": "无数据", "not_applicable": "不适用"}


def compute_(
    quarter: Quarterly,
    branch: OfBranch = None,
    scheme: Annotated[str | None, option("方案", "方案名称，或自己的方案文件；不写则沿用本支部在用的方案")] = None,
    json: AsJson = False,
) -> None:
    """按台账计算一个季度的指数；已公示的支部不动。"""
    with index_rounds.deciding(quarter, branch) as roll:
        done = compute.compute_quarter(roll, scheme)
        posted = [roll.names[number] for number in roll.posted()]
        listing = accounts.list_quarter(roll, done) if json else None
    screen.note(*(f"注意：{sentence}" for computed in done for sentence in computed.problems))
    if listing:
        screen.document(listing.document())
        return
    for computed in done:
        for at, listed in computed.branches.items():
            scored = sum(member.score is not None and member.score.score is not None for member in listed)
            rest = f"{len(listed) - scored} 人列名不计分；方案 {computed.scheme.key}"
            screen.say(f"{computed.roll.names[at]}：{scored} 人有得分，{rest}。")
    change = f"要改请用 partybuild index revise {quarter.label} --reason 理由。"
    screen.say(*(f"{name}：已公示，没有改动；{change}" for name in posted))
    nobody = "" if posted else f"{quarter.label} 没有在册党员，没有可算的。"
    what = f"{unfinished(quarter)} 已算好。" if done else nobody
    ranking = f"看排名：partybuild index list {quarter.label}"
    screen.say(f"{what}{ranking}；看某人逐项得分：partybuild index explain 姓名 {quarter.label}")


def list_(quarter: Quarterly, branch: OfBranch = None, json: AsJson = False) -> None:
    """各支部名次、得分、各维度得分和近几个季度的走势。"""
    with index_rounds.looking(quarter, branch) as roll:
        listing = accounts.list_quarter(roll)
        lately, changed = accounts.trends(roll.connection, quarter), accounts.unsaved(roll, listing)
    screen.note(*changed, *(f"注意：{sentence}" for sentence in listing.problems if not json))
    members, title = listing.accounts, unfinished(quarter)
    dimensions = sorted({key for account in members for key in account.dimensions})
    lines = [
        [
            f"{account.profile or ''}{account.rank}" if account.rank else "—",
            name,
            account.branch,
            account.score or "—",
            account.band or account.unscored.partition("；")[0],
            *(str(in_tenths(account.dimensions[key])) if key in account.dimensions else "" for key in dimensions),
            lately.get(account.member, ""),
            "、".join(account.no_data),
        ]
        for account, name in zip(members, accounts.told_apart(members), strict=True)
    ]
    headings = ["名次", "姓名", "党支部", "指数", "档次", *dimensions, "走势", "无数据"]
    states = {account.branch: STATE_WORDS[account.state] for account in members}
    parts = "、".join(f"{branch}{state}" for branch, state in states.items())
    state = parts if len({*states.values()}) > 1 else STATE_WORDS[listing.state]
    how = f"{title} 先锋指数（{state}，方案 {listing.scheme or '—'}）"
    right, remark, none = ("名次", "指数", *dimensions), f"{title} 共 {len(lines)} 人。", "这个季度没有在册党员。"
    screen.table(json, listing.document(), headings, lines, how, right, remark=remark, none=none)


def explain(
    name: Annotated[str, argument("姓名或工号", "党员", autocompletion=MEMBERS)],
    quarter: Quarterly,
    branch: OfBranch = None,
    what_if: Annotated[str | None, option("项:+数", "试算：多一次会得多少分，如 service:+1、D2:+1、义诊:+1")] = None,
    out: Annotated[Path | None, option("文件", "另写成得分明细表（….xlsx）")] = None,
    json: AsJson = False,
) -> None:
    """逐项说明一名党员的得分：规则、得分，以及每一分出自哪条记录。"""
    asked = diff.parse_question(what_if) if what_if else None
    with index_rounds.looking(quarter, branch) as roll:
        member = number_of(roll.connection, "member", name, quarter.last)
        if branch is None:
            roll = roll.of(roll.roster.below(accounts.branch_in(roll, member)))
        account = accounts.account_of(roll, member)
        tried = diff.what_if(roll, member, *asked) if asked else []
    if out is not None:
        writing.write_book(out, [pages.account_page(account)], created=datetime.combine(quarter.last, time.min))
        screen.note(f"得分明细表：{out}")
    if json:
        more = {} if asked is None else {"what_if": tried}
        screen.document(account.document() | {"state": account.state} | more)
    else:
        _explain(account, quarter, tried)


def _explain(account: "accounts.Account", quarter: Quarter, tried: Sequence[Document]) -> None:
    """Every line with its points, and below it the records that made it; what was tried out at the end."""
    title = f"{account.name} {account.branch} {unfinished(quarter)} 先锋指数（方案 {account.scheme}）"
    screen.say(title, style="bold")
    if account.unscored:
        screen.say(f"列名，不计分：{account.unscored}。")
    if not account.indicators:
        return
    for line in account.indicators:
        worth = f"{line.points} / {line.max} 分"
        if (
            line.worth and line.worth != line.max
        ):  # what the rule gave, and what it became as points of others were added
            both = (Decimal(shown).quantize(Decimal("0.01"), ROUND_HALF_UP) for shown in (line.points, line.max))
            worth = f"{line.raw} / {line.worth} 分，折合 {' / '.join(map(str, both))} 分"
        worth = _STATES.get(line.state) or worth
        said = "没有这类台账的记录，分值给了其他指标" if line.state == "no_data" else line.value
        screen.say(f"{line.id} {line.name}　{worth}　（{said}；{line.rule}）", style="bold")
        screen.references(line.records)
    for moved in account.adjustments:
        screen.say(f"{moved.kind} {moved.name}　{moved.points} 分　（{moved.value}）", style="bold")
        screen.references(moved.records)
    moved_by = f"加分 {account.bonus} - 扣分 {account.deduction}"
    screen.say(f"基础得分 {account.base or '无'} + {moved_by} = 记录得分 {account.obj or '无'}")
    screen.say(*(f"重新分配：{sentence}。" for sentence in account.redistribution))
    parts = (f"{scoring.PARTS[key]} {points or '无'}" for key, points in account.parts.items())
    screen.say(f"各部分：{'，'.join(parts)}")
    if account.formula:
        screen.say(f"季度指数 = {account.formula}")
    if account.vetoes:
        screen.say(f"一票否决：{'、'.join(account.vetoes)}，本季度为 0 分。")
    rank = f"，本支部{account.profile or ''}第 {account.rank} 名" if account.rank else ""
    screen.say(f"季度指数 {account.score or '无'}（{account.band or '无档次'}）{rank}", style="bold")
    for found in tried:
        tenths, said = found["points"], found["difference"] or "不变"
        if account.score == found["score"]:
            given = account.parts.get("org") not in (None, account.obj)
            said = "不变，组织评定已经给出，不一定随记录变" if given else "不变"
        screen.say(
            f"试算 {found['id']} {found['name']}：{tenths['before']} → {tenths['after']} 分，"
            f"季度指数 {account.score or '无'} → {found['score'] or '无'}（{said}）"
        )


def diff_(
    quarter: Quarterly,
    other: Annotated[
        Quarter | None, argument("[季度]", "与哪个季度比；不写须加 --revision", parser=parse_quarter)
    ] = None,
    revision: Annotated[bool, flag("--revision", "比较公示的各个版本和现有记录")] = False,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """两个季度之间，或一次公示与后来的修订、现有记录之间，谁的得分变了、因为哪些记录。"""
    if (other is None) != revision:
        raise UsageFault("请写两个季度，如 partybuild index diff 2026Q2 2026Q3；或写一个季度加 --revision。")
    with index_rounds.looking(quarter, branch) as roll:
        if other is None:
            found = diff.between_revisions(roll)
        else:
            number = branch_of(roll.connection, branch, quarter.last)
            members = diff.between_quarters(roll, participants.roll_of(roll.connection, other, number))
            found = [{"branch": branch, "from": quarter.label, "to": other.label, "members": members}]
    screen.answer(json, {"quarter": quarter.label, "comparisons": found})
    if not json:
        index_rounds.show_differences(found)


def annual_(
    year: InYear,
    branch: OfBranch = None,
    out: Annotated[Path | None, option("文件", "另写成年度汇总表（….xlsx）")] = None,
    json: AsJson = False,
) -> None:
    """年度指数：各季度得分的平均、绩效系数、评优建议，旁边列民主评议结果。"""
    label = year.label
    with reading() as connection:
        found = annual.year_of(connection, label, branch_of(connection, branch, year.last))
    if out is not None:
        writing.write_book(out, pages.annual_pages(found), created=datetime.combine(date(int(label), 12, 31), time.min))
        screen.note(f"年度汇总表：{out}")
    members = [line.document() for line in found.lines]
    people = [line.participant for line in found.lines]
    labels = sorted({label for member in members for label in member["quarters"]})
    lines = [
        [
            *(str(member["rank"] or "—"), name, member["branch"]),
            *(member["quarters"].get(label, "—") for label in labels),
            *(member[key] or "—" for key in ("index", "band", "coefficient", "pay_part")),
            *(member["proposal"] or "季度不足", member["review"] or ""),
        ]
        for member, name in zip(members, accounts.told_apart(people), strict=True)
    ]
    headings = ["名次", "姓名", "党支部", *labels, "年度指数", "档次", "系数", "绩效部分", "评优建议", "民主评议"]
    document = {"year": label, "drafts": found.drafts, "members": members, "grades": found.grades}
    right = ("名次", *labels, "年度指数", "系数", "绩效部分")
    screen.table(json, document, headings, lines, f"{label} 年度先锋指数", right)
    if json:
        return
    if any(grade["grade"] for grade in found.grades):
        keys = ("members", "mean", "highest", "lowest")
        grades = ([grade["grade"] or "没有评议", *(str(grade[key] or "—") for key in keys)] for grade in found.grades)
        screen.rows(["民主评议", "人数", "年度指数平均", "最高", "最低"], grades, "民主评议等次和年度指数")
    screen.note(f"共 {len(lines)} 人；有两个以上季度得分的才计年度指数。")
    if found.drafts:
        screen.note(f"{'、'.join(found.drafts)} 尚未公示，所列为草稿得分。")


def forms(
    quarter: Quarterly, out: Annotated[Path, option("目录", "评议表写到这个目录")] = Path(), branch: OfBranch = None
) -> None:
    """写出自评表、每人一份的匿名互评表和组织评定表；填好后用 partybuild import 读回。"""
    with the_book().writing() as connection:  # the key of the quarter's raters may be new
        roll = participants.roll_of(connection, quarter, branch_of(connection, branch, quarter.last))
        files = pages.write_forms(roll, out)
    back = "收回后：partybuild import 文件…；同一个人再交一次，以后交的为准。"
    screen.say(f"已写出 {len(files)} 个文件，在 {out.resolve()}。", back)


scheme = Commands("查看、检查、另建评分方案。", "partybuild index scheme show")
_Id = Annotated[str, argument("方案", "内置方案的名称，或方案文件")]


def schemes_(json: AsJson = False) -> None:
    """列出内置的评分方案。"""
    headings = {"id": "方案", "version": "版本", "title": "名称", "from_quarter": "起用季度"}
    found = ({key: getattr(each, key) for key in headings} for each in schemes.built_in_schemes())
    new = "另建本单位的：partybuild index scheme new 我的方案.toml"
    screen.listing(found, headings, json, remark=f"看内容：partybuild index scheme show 默认方案；{new}")


@scheme.command("show", example="partybuild index scheme show 默认方案")
def show_scheme(name: _Id = "默认方案", json: AsJson = False) -> None:
    """显示一个方案的维度、指标、加分扣分、各部分权重和档次。"""
    found = schemes.scheme_named(name)
    if json:
        keys = ("id", "version", "title", "from_quarter", "dimensions", "indicators", "parts", "bands")
        shown = found.model_dump(mode="json", by_alias=True, include=set(keys))
        line_keys = ("id", "name", "dimension", "points", "opportunity", "measure", "rule")
        shown["indicators"] = [{key: line[key] for key in line_keys} for line in shown["indicators"]]
        screen.document(shown)
        return
    screen.say(f"{found.title}（{found.key}，自 {found.from_quarter} 起）", style="bold")
    headings = ["指标", "名称", "维度", "性质", "分值", "规则", "数据项"]
    ruled = ((line, diff.as_ruled(line)) for line in found.indicators)
    lines = [
        [line.id, line.name, line.dimension, said["kind"], str(line.points), said["rule"], line.measure]
        for line, said in ruled
    ]
    screen.rows(headings, lines, right=("分值",))
    for title, settings in (("加分", found.bonus), ("扣分", found.deduction)):
        words = []
        for item in settings.items:
            prices = [f"{word} {price}" for word, price in item.each.items()]
            prices += [f"{word} {low}—{high}" for word, (low, high) in item.ranges.items()]
            words.append(f"{item.name}（{'，'.join(prices)}{'' if item.enabled else '；已停用'}）")
        screen.say(f"{title}（最多 {settings.cap} 分）：{'；'.join(words)}")
    screen.say(f"一票否决：{'、'.join(found.veto) or '无'}")
    screen.say(f"组成：{'，'.join(f'{part.name} {plain(part.weight * 100)}%' for part in found.parts)}")
    screen.say(f"档次：{'，'.join(f'{band.start} 起 {band.name}' for band in found.bands)}")


@scheme.command("check", example="partybuild index scheme check 我的方案.toml")
def check_scheme(file: Annotated[Path, argument("文件", "方案文件（….toml）")], json: AsJson = False) -> None:
    """检查一个方案文件：分值合计、重复计算、不认识的数据项、够不到的档次等；有问题退出码为 4。"""
    found = schemes.load_scheme(file)
    faults = schemes.faults_of(found)
    sound = f"方案 {found.key} 没有问题：{len(found.indicators)} 项指标，合计 100 分。"
    screen.answer(json, {"scheme": found.key, "problems": faults}, *(faults or [sound]))
    if faults:
        raise InputProblems(f"方案 {found.key} 有 {len(faults)} 处问题，请逐条改正后再检查。")


@scheme.command("new", example="partybuild index scheme new 我的方案.toml")
def new_scheme(
    file: Annotated[Path, argument("文件", "新方案文件（….toml）")],
    like: Annotated[str, option("方案", "以哪个内置方案为底稿")] = "默认方案",
) -> None:
    """把一个内置方案另存为文件，改成本单位的；每个数字都在文件里。"""
    text = schemes.built_in_text(like)
    if lexists(file):
        raise Unfit(f"{file} 已经存在，没有改动它。请换一个文件名。")
    put(file, lambda beside: beside.write_text(text, encoding="utf-8"))
    check = f"partybuild index scheme check {shell_word(str(file))}"
    screen.say(f"已另存为 {file}。请先改 id（方案名称），再改分值和规则，然后运行 {check}。")


@scheme.command(example="partybuild index scheme typical 默认方案")
def typical(
    names: Annotated[list[str] | None, argument("[方案]", "方案名称或文件，可写几个")] = None, json: AsJson = False
) -> None:
    """典型党员在各方案下各得多少分（只按记录）：改分值之前先看看。"""
    found = [schemes.sound_scheme(name) for name in names] if names else list(schemes.built_in_schemes())
    keys = [each.key for each in found]
    people = diff.typical_members()
    scores = {who["name"]: {each.key: str(diff.typical_score(each, who) or "—") for each in found} for who in people}
    documents = [{"member": name, "scores": points} for name, points in scores.items()]
    lines = ([name, *points.values()] for name, points in scores.items())
    screen.table(json, documents, ["党员", *keys], lines, right=keys)


@scheme.command("diff", example="partybuild index scheme diff 默认方案 仅记录 2026Q3")
def between(
    text: _Id,
    other: _Id,
    quarter: Annotated[
        Quarter | None, argument("[季度]", "按这个季度的记录，看每人在两个方案下的得分", parser=parse_quarter)
    ] = None,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """对照两个方案：哪些指标不同；写了季度的，每人各得多少分。什么也不改动。"""
    before, after = map(schemes.scheme_named if quarter is None else schemes.sound_scheme, (text, other))
    changed, members = diff.between_schemes(before, after), []
    if quarter is not None:
        with index_rounds.looking(quarter, branch) as roll:
            members = diff.under_schemes(roll, before, after)
    if json:
        screen.document({"from": before.key, "to": after.key, "indicators": changed, "members": members})
        return
    screen.say(f"{before.key} → {after.key}", style="bold")
    says = "{name}（{kind}，{points} 分；{rule}）"
    for line in changed:
        was, now = (says.format(**each) if each else "没有" for each in (line["before"], line["after"]))
        screen.say(f"{line['id']}：{was} → {now}")
    if not changed:
        screen.say("指标没有不同。")
    if quarter is not None:
        keys = ("name", "branch", "before", "after", "difference")
        headings = ["姓名", "党支部", before.key, after.key, "相差", "记录得分", "不计分"]
        shown = [["—" if obj is None else str(in_tenths(obj)) for obj in member["obj"].values()] for member in members]
        both = zip(members, map(" → ".join, shown), strict=True)
        lines = ([*(member[key] or "—" for key in keys), objs, member["unscored"]] for member, objs in both)
        screen.rows(headings, lines, quarter.label)


#: The commands in the order of a quarter's work.
for command, words in (
    (compute_, "compute 2026Q3"),
    (list_, "list 2026Q3"),
    (explain, "explain 张三 2026Q3"),
    (forms, "forms 2026Q3 --out 评议表"),
    (index_rounds.discard, "discard 2026Q3 --yes"),
    (index_rounds.publish, "publish 2026Q3 --out 公示表"),
    (index_rounds.object_, "object 2026Q3 --member 张三 --by 李四 --matter 义诊少记一次"),
    (index_rounds.objections, "objections 2026Q3"),
    (index_rounds.revise, "revise 2026Q3 --reason 补录义诊"),
    (index_rounds.lock, "lock 2026Q3"),
    (diff_, "diff 2026Q2 2026Q3"),
    (annual_, "annual 2026"),
    (schemes_, "schemes"),
):
    app.command(words.partition(" ")[0], example=" ".join(["partybuild", "index", words]))(command)
app.add_typer(scheme, name="scheme")
