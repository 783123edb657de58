"""What people do to the files that they were given, and what comes next: nothing of theirs is lost, whatever is run again."""

import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.outputs import BLANK_SEAL, is_ours, numbered, put
from tests.conftest import do

#: Every command that writes a file for the clerk; {} is its folder.
WRITERS = {
    "export": "export member --out {}",
    "export, one file": "export member meeting --one-file --out {}",
    "export, into a form": "export member --into form.xlsx --out {}",
    "export, under a password": "export member --password-file secret.txt --out {}",
    "template": "template service --unit 门诊党支部 --out {}",
    "report, workbook": "report 2026Q3 --xlsx {}/数据.xlsx",
    "report, page": "report 2026Q3 --html {}/数据.html",
    "bundle": "bundle 2026Q3 --out {}/迎检.zip",
    "register": "dues register 2026 --out {}/党费.xlsx",
    "card": "post card 1 --out {}/牌.xlsx",
    "forms": "index forms 2026Q3 --out {}",
    "posting": "index publish 2026Q3 --on 2026-10-09 --out {}",
    "posting, masked": "index publish 2026Q3 --on 2026-10-09 --mask-names --out {}",
    "account": "index explain 李四 2026Q3 --out {}/李四.xlsx",
    "year": "index annual 2026 --out {}/年度.xlsx",
    "scheme": "index scheme new {}/方案.toml",
    "backup": "backup {}/备份.db",
    "problems": "import bad.csv --problems {}/问题.xlsx",
    "quarterly": "quarterly 2026Q3 --out {}",
}
#: Those that refuse a name once it is taken, by whomever.
ONCE = ("scheme", "backup")


@pytest.fixture
def clerk(year, prepared, tmp_path: Path) -> Callable:
    """A clerk with something to export of every kind; runs a line of WRITERS on a folder of his."""

    def make() -> None:
        do(year, ["post add --member 李四 --place 门诊服务台", "settings set least_coverage 0", "index compute 2026Q3"])
        (tmp_path / "bad.csv").write_text("姓名,工号,人员类别\n周七,107,在编\n", encoding="utf8")
        (tmp_path / "secret.txt").write_text("芝麻开门", encoding="utf8")
        form = openpyxl.Workbook()
        form.worksheets[0].append(["序号", "姓名", "工号"])
        form.save(tmp_path / "form.xlsx")
        (tmp_path / "hers").mkdir()

    prepared("clerk", make)
    return lambda line, folder="hers": year(*line.format(tmp_path / folder).split())


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"}


def typed_over(path: Path) -> None:
    path.write_bytes(b"an afternoon of work")


def one_byte_more(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def saved_again(path: Path) -> None:
    """As a spreadsheet program saves it, where it is a workbook: every mark that stands in a property is kept."""
    try:
        openpyxl.load_workbook(path).save(path)
    except Exception:
        typed_over(path)


def a_packed_change(path: Path) -> None:
    """What stands within a zip is another, its comment is the same."""
    if not path.read_bytes().startswith(b"PK"):
        return typed_over(path)
    with ZipFile(path) as old, ZipFile(path.with_suffix(".new"), "w") as new:
        new.comment = old.comment
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"2026", b"2025"))
    path.with_suffix(".new").replace(path)
    return None


def linked(path: Path) -> None:
    """Her own file lies elsewhere, and a link leads to it."""
    own = path.parent.parent / f"{path.name}.own"
    own.write_bytes(b"kept in another place")
    path.unlink()
    path.symlink_to(own)


def linked_to_a_stick(path: Path) -> None:
    """The link is there, the memory stick is not."""
    path.unlink()
    path.symlink_to(path.parent.parent / "stick" / "no.xlsx")


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "附件.txt").write_text("three attachments", encoding="utf8")


def locked_against_writing(path: Path) -> None:
    path.chmod(0o400)


DEEDS = [
    typed_over,
    one_byte_more,
    emptied,
    saved_again,
    a_packed_change,
    *([] if os.name == "nt" else [linked, linked_to_a_stick]),
    made_a_folder,
    locked_against_writing,
]


def shown(path: Path) -> object:
    """What stands at a path, so that two looks can be compared."""
    if path.is_symlink():
        return path.readlink(), path.exists() and path.read_bytes()
    return files(path) if path.is_dir() else (path.read_bytes(), path.stat().st_mtime_ns)


@pytest.mark.parametrize("writer", WRITERS)
def test_what_a_clerk_did_to_a_file_stays(clerk, tmp_path: Path, writer: str):
    """Whatever is done to an export; of the others, which are put in their place the same way, every third deed in turn."""
    for deed in DEEDS if writer == "export" else DEEDS[[*WRITERS].index(writer) % 3 :: 3]:
        folder = tmp_path / deed.__name__
        folder.mkdir()
        first = clerk(WRITERS[writer], folder)
        assert first.code in (0, 4), first.err
        made = [path for path in files(folder) if path.name != "manifest.json"][:3]
        assert made
        for path in made:
            deed(path)
        hers = {path: shown(path) for path in made}
        again = clerk(WRITERS[writer], folder)
        assert {path: shown(path) for path in hers} == hers, deed.__name__
        assert again.code in ((3,) if "{}/" in WRITERS[writer] or writer == "forms" else (0,)), again.err
        if again.code == 3:
            assert (again.err.startswith("错误："), again.err.count("\n"), "请" in again.err) == (True, 1, True)
            continue
        for path in hers:
            other = path.with_stem(f"{path.stem}（2）")
            assert (other.is_file(), path.name in again.err, other.name in again.err) == (True, True, True)


@pytest.mark.parametrize("writer", [name for name in WRITERS if name not in ONCE])
def test_the_same_again_is_no_matter(clerk, year, tmp_path: Path, writer: str):
    first = clerk(WRITERS[writer])
    before = files(tmp_path / "hers")
    again = clerk(WRITERS[writer])
    once = re.sub("注意：没有[^\n]*\n", "", first.err)  # who lacks ratings is said when it is posted
    assert (again.code, again.err.replace("早已", "")) == (first.code, once)
    assert files(tmp_path / "hers").keys() == before.keys()
    if "password" not in writer:  # which is salted
        assert files(tmp_path / "hers") == before


@pytest.mark.parametrize("writer", ["export", "report, page", "bundle", "quarterly", "export, under a password"])
def test_another_day_s_version_takes_the_place_of_the_last(clerk, year, tmp_path: Path, writer: str):
    """Also after the files went to another folder, were copied without their dates, and came back."""
    clerk(WRITERS[writer])
    before = files(tmp_path / "hers")
    shutil.copytree(tmp_path / "hers", tmp_path / "stick", copy_function=shutil.copyfile)
    shutil.rmtree(tmp_path / "hers")
    shutil.copytree(tmp_path / "stick", tmp_path / "hers", copy_function=shutil.copyfile)
    assert (
        year("service", "add", "--kind", "义诊", "--on", "2026-08-11", "--title", "乡镇", "--member", "李四").code == 0
    )
    assert year("member", "edit", "李四", "--note", "借调").code == 0
    assert clerk(WRITERS[writer]).code == 0
    after = files(tmp_path / "hers")
    assert after.keys() == before.keys()
    assert after != before


def test_the_files_of_an_other_book_are_known_too(clerk, year, tmp_path: Path):
    """A template needs no book, and one copied from a colleague is as good as one's own."""
    clerk(WRITERS["template"])
    (made,) = files(tmp_path / "hers")
    assert is_ours(made)
    assert year("--db", tmp_path / "none.db", "template", "service", "--out", made.parent).err == ""
    assert len(files(tmp_path / "hers")) == 1


def test_a_name_of_the_program_s_own_is_numbered_on(clerk, year, tmp_path: Path):
    for _ in range(3):
        assert year("export", "member", "--out", tmp_path / "hers").code == 0
        for path in files(tmp_path / "hers"):
            one_byte_more(path)
    names = [path.name for path in files(tmp_path / "hers")]
    assert names == ["党员花名册.xlsx", "党员花名册（2）.xlsx", "党员花名册（3）.xlsx"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("bundle 2026Q3", "迎检资料2026Q3.zip"),
        ("dues register 2026", "神经内科党支部2026年党费收缴登记表.xlsx"),
        ("post card 1", "党员示范岗公示牌-1.xlsx"),
        ("import bad.csv", "bad-问题.xlsx"),
        ("export member --into form.xlsx", "form-已填.xlsx"),
    ],
)
def test_where_no_name_was_typed_another_is_found(clerk, tmp_path: Path, line: str, name: str):
    (tmp_path / name).write_bytes(b"hers")
    done = clerk(line)
    assert done.code in (0, 4)
    assert (tmp_path / name).read_bytes() == b"hers"
    assert next(numbered(tmp_path / name)) == tmp_path / name
    other = Path(name).with_stem(f"{Path(name).stem}（2）").name
    assert (tmp_path / other).exists()
    assert other in done.out
    assert f"{name} 是别的文件" in done.err


def test_a_file_that_somebody_has_open_is_left_to_him(clerk, tmp_path: Path):
    clerk(WRITERS["export"])
    clerk(WRITERS["report, workbook"])
    before = files(tmp_path / "hers")
    for name in (".~lock.党员花名册.xlsx#", "~$数据.xlsx"):
        (tmp_path / "hers" / name).write_text("somebody", encoding="utf8")
    done = clerk(WRITERS["export"])
    assert (done.code, "党员花名册.xlsx 正被别的程序打开" in done.err) == (0, True)
    assert "党员花名册（2）.xlsx" in done.out
    refused = clerk(WRITERS["report, workbook"])
    assert (refused.code, "正被别的程序打开" in refused.err) == (3, True)
    assert before.items() <= files(tmp_path / "hers").items()


def test_a_command_never_writes_what_it_reads(clerk, year, tmp_path: Path):
    """Its book, its form, its sheets, its password: also where they are of our own making."""
    year("template", "member", "--out", tmp_path)
    form = tmp_path / "党员花名册模板.xlsx"
    read = [tmp_path / name for name in ("book.db", "bad.csv", "secret.txt", "form.xlsx")] + [form]
    before = {path: path.read_bytes() for path in read}
    for line in (
        "report 2026Q3 --html book.db",
        "bundle 2026Q3 --out book.db",
        "import bad.csv --problems bad.csv",
        "import 党员花名册模板.xlsx --problems 党员花名册模板.xlsx",
        "index annual 2026 --out secret.txt",
        "report 2026Q3 --xlsx form.xlsx",
    ):
        done = clerk(line)
        assert (done.code, done.err.count("\n")) == (3, 1), line
    done = year("export", "member", "--into", form, "--out", tmp_path)
    assert (done.code, done.out.strip()) == (0, str(tmp_path / "党员花名册模板（2）.xlsx"))
    assert {path: path.read_bytes() for path in read} == before


@pytest.mark.parametrize("page", ["hers/数据", "./hers/../hers/数据", "hers/数据".upper()])
def test_two_outputs_of_one_command_do_not_share_a_name(clerk, year, tmp_path: Path, page: str):
    done = year("report", "2026Q3", "--xlsx", "hers/数据", "--html", page)
    if page.startswith("HERS"):
        assert done.code == 2  # a disk that does not tell capitals apart would lose one
    assert (done.code, "同一个文件" in done.err) == (2, True)
    assert files(tmp_path / "hers") == {}


def test_what_is_refused_is_refused_before_anything_is_written(clerk, year, tmp_path: Path):
    (tmp_path / "hers" / "数据.html").write_bytes(b"hers")
    done = year("report", "2026Q3", "--xlsx", "hers/数据.xlsx", "--html", "hers/数据.html")
    assert done.code == 3
    assert list(files(tmp_path / "hers").values()) == [b"hers"]
    year("branch", "add", "--name", "心内科党支部")
    year("member", "add", "--name", "孙十", "--staff-no", "010", "--category", "正式党员", "--branch", "心内科党支部")
    clerk("index forms 2026Q3 --branch 心内科党支部 --out {}")
    filled = next(path for path in files(tmp_path / "hers") if "自评表" in path.name)
    one_byte_more(filled)
    before = files(tmp_path / "hers")
    assert clerk(WRITERS["forms"]).code == 3
    assert files(tmp_path / "hers") == before


def test_what_comes_while_a_file_is_written_stays(tmp_path: Path):
    """Another program saves under the name after it was found free, or after the file there was found to be ours."""
    path = tmp_path / "a.html"

    def write(beside: Path) -> None:
        path.write_bytes(b"hers")
        beside.write_text(f"<p>ours</p><!-- {BLANK_SEAL} -->")

    for _ in range(2):
        with pytest.raises(Unfit):
            put(path, write)
        assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.html", b"hers")]
        path.unlink()
        put(path, lambda beside: beside.write_text(f"<p>ours</p><!-- {BLANK_SEAL} -->"))
        assert is_ours(path)


def test_a_disk_without_links_and_a_second_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Memory sticks know no hard links; and where a clerk made one, her copy keeps what it holds."""
    path = tmp_path / "a.html"
    put(path, lambda beside: beside.write_text(f"first <!-- {BLANK_SEAL} -->"))
    os.link(path, tmp_path / "copy.html")
    first = path.read_bytes()

    def no_link(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", no_link)
    put(path, lambda beside: beside.write_text(f"second <!-- {BLANK_SEAL} -->"))
    assert path.read_text().startswith("second")
    assert (tmp_path / "copy.html").read_bytes() == first
    put(tmp_path / "b.html", lambda beside: beside.write_text("x"))
    assert stat.S_IMODE((tmp_path / "b.html").stat().st_mode) == 0o600


def test_a_password_that_changed_makes_a_new_file(clerk, tmp_path: Path):
    clerk(WRITERS["export, under a password"])
    (tmp_path / "secret.txt").write_text("另一个", encoding="utf8")
    done = clerk(WRITERS["export, under a password"])
    assert "党员花名册（2）.xlsx" in done.out
    for path in files(tmp_path / "hers"):
        path.write_bytes(path.read_bytes() + bytes(512))  # a whole sector, which its own bookkeeping does not name
    assert "党员花名册（3）.xlsx" in clerk(WRITERS["export, under a password"]).out


@pytest.fixture
def twins(year) -> Callable:
    """Branches whose names become one name to some file system."""
    for name in (
        "ICU/急诊党支部",
        "icu:急诊党支部",
        "Icu急诊é党支部",
        "ICU急诊e\u0301党支部",
        "长" * 61,
        "长" * 62,
        "nul.党支部",
        "NUL.党支部.",
    ):
        assert year("branch", "add", "--name", name, "--kind", "党支部").code == 0, name
        number = str(len(year("member", "list", "--json").json) + 1)
        added = year(
            *("member", "add", "--name", f"党员{number}", "--staff-no", f"9{number}", "--category", "正式党员"),
            *("--joined-on", "2010-07-01", "--branch", name),
        )
        assert added.code == 0, added.err
    return year


def folded(path: Path) -> str:
    """The name as a disk may take it: without capitals, composed, without dots at its end."""
    from unicodedata import normalize

    return normalize("NFC", str(path)).casefold()


def test_every_branch_gets_a_file_of_its_own(twins, tmp_path: Path):
    names = [one["name"] for one in twins("branch", "list", "--json").json]
    twins("index", "publish", "2026Q3", "--on", "2026-10-09", "--out", tmp_path / "all")
    assert len({folded(path) for path in files(tmp_path / "all")}) == len(names)
    together = files(tmp_path / "all")
    for name in names:  # one after the other they meet the files of the others, and know their own
        done = twins("index", "publish", "2026Q3", "--branch", name, "--out", tmp_path / "all")
        assert (done.code, "（2）.xlsx" in done.err) == (0, False)
        assert twins("index", "forms", "2026Q3", "--branch", name, "--out", tmp_path / "forms").code == 0
        assert twins("dues", "register", "2026", "--branch", name).code == 0
    assert files(tmp_path / "all") == together
    forms = [path for path in files(tmp_path / "forms") if path.name.endswith("自评表.xlsx")]
    registers = list(tmp_path.glob("*党费收缴登记表.xlsx"))
    assert len({folded(path) for path in forms}) == len({folded(path) for path in registers}) == len(names)
    quarter = twins("quarterly", "2026Q3", "--out", tmp_path / "quarter", "--json").json["files"]
    assert len({folded(Path(one["file"])) for one in quarter if "公示表" in one["file"]}) == len(names)
    assert twins("bundle", "2026Q3", "--out", tmp_path / "b.zip").code == 0


@pytest.fixture
def quarter(year, prepared, tmp_path: Path) -> Path:
    prepared("quarter", lambda: year("quarterly", "2026Q3", "--out", tmp_path / "out"))
    return tmp_path / "out" / "2026Q3"


def change(year) -> None:
    assert year("member", "edit", "李四", "--note", f"第 {len(year('log', '--json').json)} 次").code == 0


@pytest.mark.parametrize("changes", [False, True])
def test_a_quarter_s_folder_keeps_what_was_put_there(year, quarter: Path, changes: bool):
    roster = (quarter / "党员花名册.xlsx").read_bytes()
    (quarter / "照片" / "九月").mkdir(parents=True)
    (quarter / "照片" / "九月" / "义诊.jpg").write_bytes(b"a photograph")
    (quarter / "党员花名册（盖章）.xlsx").write_bytes(roster)
    (quarter / "说明.txt").write_text("see the minutes", encoding="utf8")
    (quarter / ".~lock.自查表2026Q3.xlsx#").write_bytes(b"open")
    (quarter / "自查表2026Q3.xlsx").write_bytes(roster)  # another file of ours, put there on purpose
    saved_again(quarter / "三会一课台账2026Q3.xlsx")
    (quarter / "数据报告2026Q3.html").unlink()
    (quarter / "数据报告2026Q3.html").mkdir()
    hers = {path: shown(path) for path in quarter.iterdir() if path.name != "manifest.json"}
    if changes:
        hers.pop(quarter / "党员花名册.xlsx")
        change(year)
    for turn in range(2):
        done = year("quarterly", "2026Q3", "--out", quarter.parent)
        assert done.code == 0, done.err
        assert {path: shown(path) for path in hers} == hers
        for name in ("自查表2026Q3", "三会一课台账2026Q3", "数据报告2026Q3"):
            assert f"{name}（2）" in done.err
        assert "党员花名册（盖章）.xlsx、照片、说明.txt" in done.err
        assert "~lock" not in done.err
        assert ("与上次完全相同" in done.out) is (turn > 0)
    assert not list(quarter.glob("*（3）*"))
    kept = year("quarterly", "2026Q3", "--out", quarter.parent, "--json").json["kept"]
    assert sorted(kept)[:2] == ["三会一课台账2026Q3.xlsx", "党员花名册（盖章）.xlsx"]


def test_a_name_that_is_free_again_is_taken_again(year, quarter: Path):
    fresh = files(quarter)
    one_byte_more(quarter / "党员花名册.xlsx")
    year("quarterly", "2026Q3", "--out", quarter.parent)
    (quarter / "党员花名册.xlsx").rename(quarter.parent / "hers.xlsx")
    assert year("quarterly", "2026Q3", "--out", quarter.parent).code == 0
    assert files(quarter) == fresh


def test_a_ledger_that_has_become_empty_goes_and_an_edited_one_stays(year, quarter: Path):
    one_byte_more(quarter / "三会一课台账2026Q3.xlsx")
    edited = (quarter / "三会一课台账2026Q3.xlsx").read_bytes()
    for ledger in ("meeting", "service"):
        for one in year(ledger, "list", "--period", "2026Q3", "--json").json:
            assert year(ledger, "remove", one["id"], "--yes").code == 0
    done = year("quarterly", "2026Q3", "--out", quarter.parent)
    assert not (quarter / "志愿服务台账2026Q3.xlsx").exists()
    assert (quarter / "三会一课台账2026Q3.xlsx").read_bytes() == edited
    assert "三会一课台账2026Q3.xlsx" in done.err


def test_what_is_set_to_be_read_only_stays_and_is_doubled_only_when_it_has_to(year, quarter: Path):
    roster = quarter / "党员花名册.xlsx"
    roster.chmod(0o400)
    before = shown(roster)
    assert "与上次完全相同" in year("quarterly", "2026Q3", "--out", quarter.parent).out
    change(year)
    for _ in range(2):
        assert "党员花名册（2）.xlsx" in year("quarterly", "2026Q3", "--out", quarter.parent).err
        assert shown(roster) == before


def test_a_manifest_that_was_edited_is_nobody_s_guide(year, quarter: Path):
    manifest = quarter / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf8").replace("神经", "外"), encoding="utf8")
    before = files(quarter)
    change(year)
    done = year("quarterly", "2026Q3", "--out", quarter.parent)
    assert (done.code, "manifest.json 改动过" in done.err, done.err.count("\n")) == (3, True, 1)
    assert files(quarter) == before


def test_a_manifest_from_before_there_were_seals_is_known(year, quarter: Path):
    manifest = quarter / "manifest.json"
    text = manifest.read_text(encoding="utf8")
    manifest.write_text(text[: text.index(',\n  "seal"')] + "\n}\n", encoding="utf8")
    names = files(quarter).keys()
    change(year)
    done = year("quarterly", "2026Q3", "--out", quarter.parent)
    assert (done.code, "（2）" in done.err) == (0, False)
    assert files(quarter).keys() == names


def test_a_manifest_leads_nowhere_else(year, quarter: Path, tmp_path: Path):
    """Whoever can write the folder can seal what he likes; files of others are still out of reach."""
    import hashlib
    import json

    other = tmp_path / "out" / "工资.txt"
    other.write_bytes(b"not ours")
    manifest = json.loads((quarter / "manifest.json").read_bytes())
    manifest["files"].append({"file": "../工资.txt", "size": 8, "sha256": hashlib.sha256(b"not ours").hexdigest()})
    manifest["seal"] = BLANK_SEAL
    (quarter / "manifest.json").unlink()
    put(quarter / "manifest.json", lambda beside: beside.write_text(json.dumps(manifest)))
    assert year("quarterly", "2026Q3", "--out", quarter.parent).code == 0
    assert other.read_bytes() == b"not ours"


@pytest.mark.parametrize("after", [0, 5, 10])
def test_a_run_that_dies_between_two_files_is_finished_by_the_next(
    year, quarter: Path, monkeypatch: pytest.MonkeyPatch, after: int
):
    """Power goes while the new files take their places: neither old nor new is taken for somebody's work."""
    one_byte_more(quarter / "党员花名册.xlsx")
    (quarter / "scan.pdf").write_bytes(b"a scan")
    hers = {name: (quarter / name).read_bytes() for name in ("党员花名册.xlsx", "scan.pdf")}
    assert (
        year("service", "add", "--kind", "义诊", "--on", "2026-08-11", "--title", "乡镇", "--member", "李四").code == 0
    )
    real, done = Path.replace, []

    def dies(self: Path, target: Path) -> Path:
        if Path(target).parent == quarter:
            if len(done) == after:
                raise KeyboardInterrupt
            done.append(target)
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        year("quarterly", "2026Q3", "--out", quarter.parent)
    assert len(done) == after or after > 7
    for _ in range(2):
        last = year("quarterly", "2026Q3", "--out", quarter.parent)
        assert last.code == 0, last.err
    assert "与上次完全相同" in last.out
    assert [path.name for path in quarter.glob("*（*")] == ["党员花名册（2）.xlsx"]
    assert {name: (quarter / name).read_bytes() for name in hers} == hers
    other = quarter.parent.parent / "other"
    year("quarterly", "2026Q3", "--out", other)
    fresh = {path.name: content for path, content in files(other / "2026Q3").items() if path.name != "manifest.json"}
    fresh["党员花名册（2）.xlsx"] = fresh.pop("党员花名册.xlsx")
    found = {
        path.name: content for path, content in files(quarter).items() if path.name not in (*hers, "manifest.json")
    }
    assert found == fresh


def test_a_folder_reached_by_a_link_is_the_folder(year, quarter: Path, tmp_path: Path):
    (tmp_path / "share").mkdir()
    shutil.move(quarter, tmp_path / "share" / "Q3")
    quarter.symlink_to(tmp_path / "share" / "Q3", target_is_directory=True)
    (tmp_path / "share" / "Q3" / "scan.pdf").write_bytes(b"a scan")
    change(year)
    assert year("quarterly", "2026Q3", "--out", quarter.parent).code == 0
    assert quarter.is_symlink()
    assert (quarter / "scan.pdf").read_bytes() == b"a scan"


def test_a_demo_done_again_keeps_what_was_tried_in_it(cli, tmp_path: Path):
    assert cli("demo", "演示").code == 0
    folder = tmp_path / "演示"
    edited = [
        "台账原件/10_谈心谈话台账.csv",
        "迎检台账/党员花名册.xlsx",
        "季度归档/2026Q3/党员花名册.xlsx",
        "演示说明.txt",
    ]
    for name in edited:
        assert (folder / name).exists()
        one_byte_more(folder / name)
    added = ["迎检台账/我的.xlsx", "季度归档/2026Q3/扫描.pdf", "笔记.txt"]
    for name in added:
        (folder / name).write_bytes(b"mine")
    before = {name: (folder / name).read_bytes() for name in (*edited, *added)}
    book, person = folder / "partybuild.db", ("--name", "试一试", "--staff-no", "T1", "--category", "正式党员")
    assert cli("--db", book, "member", "add", *person, "--branch", "药学部党支部").code == 0
    again = cli("demo", "演示", "--again")
    assert again.code == 0, again.err
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert "partybuild（2）.db" in again.err
    assert cli("--db", folder / "partybuild（2）.db", "member", "show", "T1").code == 0
    assert cli("--db", book, "member", "show", "T1").code == 3


@pytest.mark.parametrize("words", [("export", "member"), ("template", "member"), ("index", "forms", "2026Q3")])
def test_a_file_where_a_folder_is_meant_is_told(branch, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = branch(*words, "--out", tmp_path / "花名册.xlsx")
    assert (done.code, done.err) == (
        2,
        f"错误：这里要写文件夹，“{tmp_path / '花名册.xlsx'}”像是文件名。请写成 --out {tmp_path / '花名册'}。\n",
    )
    assert not list(tmp_path.glob("花名册*"))
