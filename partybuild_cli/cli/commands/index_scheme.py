"""`index schemes` and `index scheme show/check/new`: the scoring rules as data (评分方案)."""

from os.path import lexists
from pathlib import Path
from typing import Annotated

from partybuild_cli.cli import screen
from partybuild_cli.cli.commands.index_rounds import looking
from partybuild_cli.cli.lazy import Commands, argument, option
from partybuild_cli.cli.options import AsJson, OfBranch
from partybuild_cli.cli.session import shell_word
from partybuild_cli.errors import InputProblems, Unfit
from partybuild_cli.index.numbers import in_tenths, plain
from partybuild_cli.index.quarter import Quarter, parse_quarter
from partybuild_cli.outputs import put

scheme = Commands("查看、检查、另建评分方案。", "partybuild index scheme show")

_Id = Annotated[str, argument("方案", "内置方案的名称，或方案文件")]


def schemes(json: AsJson = False) -> None:
    """列出内置的评分方案。"""
    from partybuild_cli.index.schemes import built_in_schemes

    headings = {"id": "方案", "version": "版本", "title": "名称", "from_quarter": "起用季度"}
    screen.listing(({key: getattr(each, key) for key in headings} for each in built_in_schemes()), headings, json)
    if not json:
        screen.note(
            "看内容：partybuild index scheme show 默认方案；另建本单位的：partybuild index scheme new 我的方案.toml"
        )


@scheme.command(example="partybuild index scheme show 默认方案")
def show(name: _Id = "默认方案", json: AsJson = False) -> None:
    """显示一个方案的维度、指标、加分扣分、各部分权重和档次。"""
    from partybuild_cli.index.diff import as_ruled
    from partybuild_cli.index.schemes import scheme_named

    found = scheme_named(name)
    if json:
        keys = ("id", "version", "title", "from_quarter", "dimensions", "indicators", "parts", "bands")
        shown = found.model_dump(mode="json", by_alias=True, include=set(keys))
        line_keys = ("id", "name", "dimension", "points", "opportunity", "measure", "rule")
        shown["indicators"] = [{key: line[key] for key in line_keys} for line in shown["indicators"]]
        screen.document(shown)
        return
    screen.say(f"{found.title}（{found.key}，自 {found.from_quarter} 起）", style="bold")
    headings = ["指标", "名称", "维度", "性质", "分值", "规则", "数据项"]
    ruled = ((line, as_ruled(line)) for line in found.indicators)
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


@scheme.command(example="partybuild index scheme check 我的方案.toml")
def check(file: Annotated[Path, argument("文件", "方案文件（….toml）")], json: AsJson = False) -> None:
    """检查一个方案文件：分值合计、重复计算、不认识的数据项、够不到的档次等；有问题退出码为 4。"""
    from partybuild_cli.index.schemes import faults_of, load_scheme

    found = load_scheme(file)
    faults = faults_of(found)
    sound = f"方案 {found.key} 没有问题：{len(found.indicators)} 项指标，合计 100 分。"
    screen.answer(json, {"scheme": found.key, "problems": faults}, *(faults or [sound]))
    if faults:
        raise InputProblems(f"方案 {found.key} 有 {len(faults)} 处问题，请逐条改正后再检查。")


@scheme.command(example="partybuild index scheme new 我的方案.toml")
def new(
    file: Annotated[Path, argument("文件", "新方案文件（….toml）")],
    like: Annotated[str, option("方案", "以哪个内置方案为底稿", "--like")] = "默认方案",
) -> None:
    """把一个内置方案另存为文件，改成本单位的；每个数字都在文件里。"""
    from partybuild_cli.index.schemes import built_in_text

    text = built_in_text(like)
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
    from partybuild_cli.index.diff import typical_members, typical_score
    from partybuild_cli.index.schemes import built_in_schemes, sound_scheme

    found = [sound_scheme(name) for name in names] if names else list(built_in_schemes())
    keys = [each.key for each in found]
    scores = [(who["name"], [str(typical_score(each, who) or "—") for each in found]) for who in typical_members()]
    if json:
        screen.document([{"member": name, "scores": dict(zip(keys, line, strict=True))} for name, line in scores])
        return
    screen.rows(["党员", *keys], ([name, *line] for name, line in scores), right=keys)


@scheme.command(example="partybuild index scheme diff 默认方案 仅记录 2026Q3")
def diff(
    one: _Id,
    other: _Id,
    quarter: Annotated[
        Quarter | None, argument("[季度]", "按这个季度的记录，看每人在两个方案下的得分", parser=parse_quarter)
    ] = None,
    branch: OfBranch = None,
    json: AsJson = False,
) -> None:
    """对照两个方案：哪些指标不同；写了季度的，每人各得多少分。什么也不改动。"""
    from partybuild_cli.index.diff import between_schemes, under_schemes
    from partybuild_cli.index.schemes import scheme_named, sound_scheme

    before, after = (scheme_named(name) if quarter is None else sound_scheme(name) for name in (one, other))
    changed, members = between_schemes(before, after), []
    if quarter is not None:
        with looking(quarter, branch) as roll:
            members = under_schemes(roll, before, after)
    if json:
        screen.document({"from": before.key, "to": after.key, "indicators": changed, "members": members})
        return
    screen.say(f"{before.key} → {after.key}", style="bold")
    for line in changed:
        was, now = (
            f"{one['name']}（{one['kind']}，{one['points']} 分；{one['rule']}）" if one else "没有"
            for one in (line["before"], line["after"])
        )
        screen.say(f"{line['id']}：{was} → {now}")
    if not changed:
        screen.say("指标没有不同。")
    if quarter is not None:
        keys = ("name", "branch", "before", "after", "difference")
        headings = ["姓名", "党支部", before.key, after.key, "相差", "记录得分", "不计分"]
        objs = [[in_tenths(obj) for obj in member["obj"].values()] for member in members]
        lines = [
            [
                *(member[key] or "—" for key in keys),
                " → ".join("—" if obj is None else str(obj) for obj in both),
                member["unscored"],
            ]
            for member, both in zip(members, objs, strict=True)
        ]
        screen.rows(headings, lines, quarter.label)
