"""The books of the golden answers, and what each is asked: every command that shows something, a group of them a file."""

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from shutil import rmtree

from partybuild_cli import __version__
from tests.books import story
from tests.books.asked import LEDGERS
from tests.golden.files import Shown
from tests.golden.layouts import UNIT, lay_out
from tests.golden.stage import at, must, say, stage

FOLDER = Path(__file__).parent / "answers"
#: A change of more rows is not shown whole: the lists show the same.
_FEW = 40
#: What no stage can fix: bytes that depend on the version of SQLite, XlsxWriter or zlib, and our own version.
_SETTLED = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "SHA-256"),
    (re.compile(r'("(?:bytes|size)": )\d+'), r"\1…"),
    (re.compile(r"（\d+ KB，"), "（… KB，"),
    (re.compile(r"(\.db\t[^\t\n]*\t)\d+"), r"\1…"),
    (re.compile(r"共 \d+\.\d MB"), "共 … MB"),
    (re.compile(re.escape(f"partybuild {__version__}")), "partybuild VERSION"),
)


@dataclass
class Asked:
    """One book while it is asked: the answers so far, by group."""

    folder: Path
    groups: dict[str, list[str]] = field(default_factory=dict)
    shown: Shown = field(default_factory=Shown)

    def say(self, group: str, *lines: str) -> None:
        """Run command lines and keep what they say, and every file that they leave in the folder `out`."""
        out = self.folder / "out"
        for line in lines:
            out.mkdir(exist_ok=True)
            self._keep(group, say(line).text())
            if any(out.iterdir()):
                self._keep(group, self.shown.folder(out))
            rmtree(out)

    def show(self, group: str, path: Path) -> None:
        """Keep what a file or every file of a folder shows."""
        self._keep(group, self.shown.folder(path) if path.is_dir() else self.shown.file(path.name, path.read_bytes()))

    def _keep(self, group: str, text: str) -> None:
        text = text.replace(str(self.folder.resolve()), "FOLDER")
        for pattern, settled in _SETTLED:
            text = pattern.sub(settled, text)
        self.groups.setdefault(group, []).append(text)

    def answers(self, folder: Path) -> dict[Path, str]:
        """The file of each group, and what stands in it."""
        return {folder / f"{group}.txt": "\n".join(texts) for group, texts in self.groups.items()}


@dataclass(frozen=True)
class Golden:
    """A book: how it is made, the day on which it is asked, and of what it is asked."""

    name: str
    make: Callable[[Asked], None]
    made: str
    today: str
    period: str
    quarters: tuple[str, str]
    people: tuple[str, ...]
    branch: str
    thorough: bool = True

    def ask(self, folder: Path) -> dict[Path, str]:
        """Make the book in an empty folder and ask it everything."""
        asked = Asked(folder)
        with stage(folder):
            with at(self.made):
                self.make(asked)
            with at(self.today):
                self._look(asked)
                self._score(asked)
                self._write(asked)
                self._tell_log(asked)
        return asked.answers(FOLDER / self.name)

    def _look(self, asked: Asked) -> None:
        """Every ledger, and what is said about the branch."""
        period, first = self.period, self.people[0]
        for ledger in LEDGERS:
            asked.say("ledgers", f"{ledger} list", f"{ledger} list --json")
            if self.thorough:
                within = "" if ledger in ("branch", "zone") else f" --period {period}"
                asked.say("ledgers", f"{ledger} list --all{within}", f"{ledger} show 1")
                asked.say("ledgers", f"{ledger} show 1 --json --private")
        asked.say("ledgers", f"member show {first} --full", f"meeting list --period {period} --member {first}")
        asked.say("ledgers", f"dues arrears {period}", "dues rate 9600", "dues rate 5000 --retired")
        asked.say("ledgers", "development steps 1", "task remind --days 400")
        for command in ("status", "remind", f"check {period}", f"report {period}"):
            asked.say("rules", command, f"{command} --json")
        asked.say("rules", f"report {period} --html out/报告.html")
        if self.thorough:
            asked.say("ledgers", f"dues arrears {period} --json", "task remind --days 400 --json")
            asked.say("ledgers", "dues rate 9600 --json")
            asked.say("ledgers", "development steps 1 --json --local", "development steps 2")
            asked.say(
                "ledgers", f"member list --as-of {self.made[:10]} --json", f"meeting list --as-of {self.made[:10]}"
            )
            asked.say("rules", "check", "report", f"check {period} --lacking", f"report {period} --xlsx out/报告.xlsx")

    def _score(self, asked: Asked) -> None:
        """The index from computing to the year."""
        before, quarter = self.quarters
        asked.say("index", f"index compute {before}", f"index compute {quarter}")
        asked.say("index", f"index list {quarter}", f"index list {quarter} --json", f"index annual {quarter[:4]}")
        for name in self.people:
            asked.say("index", f"index explain {name} {quarter}", f"index explain {name} {quarter} --json")
        if self.thorough:
            self._score_more(asked)
        asked.say("index", f"index publish {quarter} --json --out out")
        if self.thorough:
            self._dispute(asked)

    def _score_more(self, asked: Asked) -> None:
        before, quarter = self.quarters
        asked.say("index", f"index compute {quarter} --json", f"index annual {quarter[:4]} --json")
        asked.say("index", f"index diff {before} {quarter}")
        asked.say("index", f"index diff {before} {quarter} --branch {self.branch} --json")
        asked.say("index", f"index explain {self.people[0]} {quarter} --what-if service:+1 --out out/明细.xlsx")
        asked.say("index", f"index annual {quarter[:4]} --out out/年度.xlsx", f"index forms {quarter} --out out")

    def _dispute(self, asked: Asked) -> None:
        quarter, first, today = self.quarters[1], self.people[0], self.today[:10]
        asked.say("index", f"index publish {quarter} --mask-names --out out")
        asked.say("index", f"index object {quarter} --member {first} --by {first} --matter 少计一次 --on {today}")
        asked.say("index", f"index objections {quarter}", f"index objections {quarter} --json", f"index lock {quarter}")
        asked.say("index", f"index object {quarter} --number 1 --answer 已核实 --answered-on {today}")
        asked.say("index", f"index revise {quarter} --reason 补记 --out out", f"index list {quarter}")
        asked.say("index", f"index diff {quarter} --revision", f"index diff {quarter} --revision --json")

    def _write(self, asked: Asked) -> None:
        """Workbooks, the quarter's folder, the archive for an inspection."""
        asked.say("files", "export --out out")
        if not self.thorough:
            return
        quarter = self.quarters[1]
        asked.say("files", f"export meeting --out out --period {self.period} --json")
        asked.say("files", f"export member --as-of {self.made[:10]} --out out")
        asked.say("files", "export member talk --full --private --one-file --out out")
        asked.say("files", f"dues register {quarter[:4]} --branch {self.branch} --out out/登记表.xlsx")
        asked.say("files", "post card 1 --out out/公示牌.xlsx")
        asked.say("files", f"quarterly {quarter} --out 归档", f"quarterly {quarter} --out 归档 --json")
        asked.show("files", asked.folder / "归档")
        asked.say("files", f"bundle {self.period} --out out/迎检.zip")

    def _tell_log(self, asked: Asked) -> None:
        """The history and the care of the book."""
        listed = "log --limit 200 --json"
        asked.say("log", "log --limit 200", listed, "log verify", "doctor", "doctor --json", "doctor --replay --json")
        for one in reversed(json.loads(say(listed).out)):
            if 0 < sum(one["rows"].values()) <= _FEW:
                asked.say("log", f"log show {one['change']} --json")
        if self.thorough:
            last = json.loads(say(listed).out)[0]["change"]
            asked.say("log", *(f"log show {last - back}" for back in range(12)))
            asked.say("log", "log verify --json", "backup 备份.db --json", "backup", "backup --list")
            asked.say("log", "undo --yes", "undo 1 --json", "log --limit 2")
        if self.name == "demo":
            self._care(asked)

    def _care(self, asked: Asked) -> None:
        """What changes the book itself; the last that is asked, and of one book, since encryption takes its time."""
        first, today = self.people[0], self.today[:10]
        asked.say("care", "settings set reception_desk 党委办公室", "settings --json", "settings show --json")
        asked.say("care", f"tenure add --member {first} --kind 长期请假 --value 进修 --on 2026-03-01 --json")
        asked.say("care", f"election add --branch {self.branch} --elected-on 2026-03-20 --term-years 3 --json")
        asked.say("care", "search 康复 --json", "index scheme typical 默认方案 --json")
        asked.say("care", f"index revise {self.quarters[1]} --reason 补记 --json")
        (asked.folder / "照片.jpg").write_bytes(b"\xff\xd8\xff\xd9")
        asked.say("care", "evidence add meeting 1 照片.jpg --json", "evidence list meeting 1 --json")
        (asked.folder / "交来").mkdir()
        asked.say("care", "--db 交来/内科.db init --branch 神经内科党支部", "collect 交来/内科.db --dry-run --json")
        asked.say("care", "backup --list --json", "restore 备份.db --yes --json", "undo --yes --json")
        asked.say("care", f"member transfer {first} --to 市二院 --on {today}", f"member forget {first} --yes --json")
        (asked.folder / "密钥").write_text("a key of these tests", encoding="utf8")
        asked.say("care", "--key-file 密钥 encrypt --json")


def _demo(asked: Asked) -> None:
    asked.say("import", "demo 演示")
    os.environ["PARTYBUILD_DB"] = "演示/partybuild.db"
    asked.show("import", asked.folder / "演示" / "迎检台账")
    again = asked.folder / "演示" / "台账原件"
    asked.say("import", *(f"import {path.relative_to(asked.folder).as_posix()}" for path in sorted(again.iterdir())))
    asked.say("import", "init --branch 别的党支部", "demo 演示")
    asked.say("templates", "template --out out", "template meeting --out out --unit 城东医院党委")
    asked.say("templates", "index schemes", "index schemes --json", "index scheme show", "index scheme show --json")
    asked.say("templates", "index scheme typical", "index scheme diff 默认方案@1 默认方案@2 2026Q3 --json")
    asked.say("templates", "index scheme new 方案.toml", "index scheme check 方案.toml", "index scheme new 方案.toml")
    asked.say("templates", "index scheme check 方案.toml --json", "manual --json")
    text = (asked.folder / "方案.toml").read_text(encoding="utf8")
    (asked.folder / "方案.toml").write_text(text.replace("points = 3", "points = 4", 1), encoding="utf8")
    asked.say("templates", "index scheme check 方案.toml", "index scheme show 方案.toml")


def _layouts(asked: Asked) -> None:
    must(f"init --branch {UNIT}")
    for name in lay_out(asked.folder):
        asked.say("import", f"import {name} --dry-run", f"import {name} --json --rows")
        problems = asked.folder / f"{Path(name).stem}-问题.xlsx"
        if problems.exists():
            asked.show("import", problems)
            asked.say("import", f"import {name} --skip-bad")
    asked.say("import", "import 党员名册.xlsx 会议.xlsx", "import 看不懂.csv --ledger honor", "import 没有.xlsx")
    asked.say("import", "import 看不懂.csv --ledger honor --map 甲=title --map 乙=winner --map 丙=level")


def _story(asked: Asked) -> None:
    story.tell(asked.folder)


def _example(name: str, branch: str, kind: str) -> Callable[[Asked], None]:
    def make(asked: Asked) -> None:
        must(f"init --branch {branch} --kind {kind}")
        with as_file(files("partybuild_cli") / "examples" / name) as shipped:
            (asked.folder / name).write_bytes(shipped.read_bytes())
        asked.say("import", f"import {name} --json", f"import {name}")

    return make


def _of_example(name: str, file: str, branch: str, kind: str, period: str, person: str) -> Golden:
    """One of the example years, asked soon after its end; only what its records make different."""
    year, half = int(period[:4]), period.endswith("H1")
    made, today = (f"{year}-07-10", f"{year}-07-12") if half else (f"{year + 1}-01-08", f"{year + 1}-01-10")
    quarters = (f"{year}Q1", f"{year}Q2") if half else (f"{year}Q3", f"{year}Q4")
    make = _example(file, branch, kind)
    return Golden(name, make, f"{made} 10:00", f"{today} 09:00", period, quarters, (person,), branch, thorough=False)


GOLDEN = (
    Golden(
        "demo", _demo, "2026-10-08 15:30", "2026-10-12 09:30", "2026Q3", ("2026Q2", "2026Q3"), ("方志恒", "沈柏松"),
        "呼吸内科党支部",
    ),
    Golden("layouts", _layouts, "2026-09-01 08:30", "2026-10-09 09:30", "2026Q3", ("2026Q2", "2026Q3"), ("祝余",), UNIT),
    Golden(
        "story", _story, "2026-10-20 18:00", "2026-10-21 09:30", "2026H2", ("2026Q2", "2026Q3"), ("何思齐", "许望舒"),
        story.MAIN,
    ),
    _of_example("neurology", "神经内科党支部2024年.xlsx", "云溪医院神经内科党支部", "党支部", "2024", "10000"),
    _of_example("laboratory", "检验科党支部2019年上半年.xlsx", "望湖医院检验科党支部", "党支部", "2019H1", "20000"),
    _of_example("infectious", "传染病医院2021年.xlsx", "北岸传染病医院党委", "党委", "2021", "30000"),
    _of_example("township", "卫生院党支部2023年.xlsx", "青石镇卫生院党支部", "党支部", "2023", "40000"),
    _of_example("heart", "心血管与全科党总支2018年.xlsx", "河洲医院心血管与全科党总支", "党总支", "2018", "50000"),
)  # fmt: skip


def stale(name: str, answers: Iterable[Path]) -> list[Path]:
    """Files of a book's answers that no group writes any more."""
    return sorted(set((FOLDER / name).glob("*.txt")) - set(answers))
