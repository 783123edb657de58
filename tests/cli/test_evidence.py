"""`evidence`: files that prove a record, kept beside the book, through undo, backup, encryption and the zip for an inspection."""

import hashlib
import shutil
import stat
import struct
import zipfile

import openpyxl
import pytest

PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\0 a photograph of the meeting \xff\xd9"


def placed_photo() -> bytes:
    """A JPEG whose Exif says which way up it is, and where it was taken."""
    latitude = struct.pack("<6I", 30, 1, 15, 1, 20, 1)
    head = struct.pack("<2sHI", b"II", 42, 8)
    first = (
        struct.pack("<H", 2) + struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<HHII", 0x8825, 4, 1, 38) + bytes(4)
    )
    table = (
        struct.pack("<H", 2) + struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0") + struct.pack("<HHII", 2, 5, 3, 68) + bytes(4)
    )
    exif = b"Exif\0\0" + head + first + table + latitude
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + b"\xff\xda pixels \xff\xd9"


@pytest.fixture
def photo(year, tmp_path):
    (tmp_path / "照片1.jpg").write_bytes(PHOTO)
    done = year("evidence", "add", "meeting", 1, "照片1.jpg")
    assert done.code == 0, done.err
    return year


def kept(tmp_path):
    return tmp_path / "book.db-evidence" / f"{hashlib.sha256(PHOTO).hexdigest()}.jpg"


def test_a_file_is_kept_beside_the_book_and_shown_with_its_record(photo, tmp_path):
    assert kept(tmp_path).read_bytes() == PHOTO
    assert stat.S_IMODE(kept(tmp_path).stat().st_mode) == 0o600
    assert "佐证文件：照片1.jpg" in photo("meeting", "show", 1).out
    assert photo("meeting", "show", 1, "--json").json["files"] == ["照片1.jpg"]
    (listed,) = photo("evidence", "list", "meeting", 1, "--json", "--out", "取出").json
    assert (listed["name"], listed["ok"]) == ("照片1.jpg", True)
    assert (tmp_path / "取出" / "照片1.jpg").read_bytes().startswith(PHOTO)
    assert photo("doctor").code == 0
    assert photo("doctor", "--replay").code == 0
    change = photo("log", "--json").json[0]["change"]
    assert "佐证文件：（空） → 照片1.jpg\n" in photo("log", "show", change).out
    assert "已经有了" in photo("evidence", "add", "meeting", 1, "照片1.jpg").out


def test_nothing_is_lost_when_a_record_is_removed_or_a_file_taken_off(photo, tmp_path):
    assert photo("evidence", "remove", "meeting", 1, "照片1.jpg").code == 0
    assert "佐证文件" not in photo("meeting", "show", 1).out
    assert photo("undo", "--yes").code == 0
    assert photo("meeting", "remove", 1, "--yes").code == 0
    assert photo("undo", "--yes").code == 0
    (listed,) = photo("evidence", "list", "meeting", 1, "--json").json
    assert listed["ok"]
    assert photo("meeting", "edit", 1, "--topic", "改了").code == 0
    assert photo("evidence", "list", "meeting", 1).code == 0


def test_a_file_that_is_gone_or_altered_is_found(photo, tmp_path):
    kept(tmp_path).unlink()
    assert photo("evidence", "list", "meeting", 1).code == 0  # the backups' folder has it still
    (tmp_path / "book.db-backups" / "evidence" / kept(tmp_path).name).unlink()
    told = photo("doctor")
    assert (told.code, "照片1.jpg”（三会一课台账编号 1）" in told.out) == (1, True)
    kept(tmp_path).write_bytes(b"something else")
    assert "改动过" in photo("evidence", "list", "meeting", 1).out
    done = photo("bundle", "2026Q3", "--out", "x.zip")
    assert (done.code, "照片1.jpg" in done.err) == (0, True)  # the rest is needed today


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("程序.exe", b"MZ\x90\0", "不是可以作佐证的文件"),
        ("照片.jpg", b"MZ\x90\0", "不是可以作佐证的文件"),
        ("照片.pdf", PHOTO, "内容却是 JPEG"),
        ("空.jpg", b"", "空文件"),
        ("无.jpg", None, "没有这个文件"),
    ],
)
def test_only_pictures_and_papers_are_taken(photo, tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "好.jpg").write_bytes(PHOTO + b"2")
    refused = photo("evidence", "add", "meeting", 1, "好.jpg", name)
    assert (refused.code, said in refused.err) == (4, True), refused.err
    assert len(photo("evidence", "list", "meeting", 1, "--json").json) == 1


def test_a_record_without_files_says_so(photo):
    photo("evidence", "remove", "meeting", 1, "照片1.jpg")
    assert "partybuild evidence add meeting 1" in photo("evidence", "list", "meeting", 1).err


def test_one_name_is_never_two_files(photo, tmp_path):
    (tmp_path / "照片1.jpg").write_bytes(PHOTO + b" another")
    refused = photo("evidence", "add", "meeting", 1, "照片1.jpg")
    assert (refused.code, "同名" in refused.err) == (4, True)
    assert photo("evidence", "add", "meeting", 99, "照片1.jpg").code == 3


def test_a_position_is_told_and_removed_on_request_alone(year, tmp_path):
    (tmp_path / "位置.jpg").write_bytes(placed_photo())
    assert "拍摄位置" in year("evidence", "add", "meeting", 1, "位置.jpg").err
    done = year("evidence", "add", "meeting", 2, "位置.jpg", "--strip-position", "--json")
    (one,) = done.json["files"]
    data = (tmp_path / "book.db-evidence" / f"{one['sha256']}.jpg").read_bytes()
    assert len(data) == len(placed_photo())
    assert struct.pack("<HHII", 0x0112, 3, 1, 6) in data  # which way up it is stays
    assert struct.pack("<6I", 30, 1, 15, 1, 20, 1) not in data
    assert struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0") not in data
    assert "拍摄位置" not in done.err


def test_a_backup_elsewhere_takes_the_files_along_and_brings_them_back(photo, tmp_path):
    assert photo("backup", tmp_path / "U盘" / "备份.db").code == 5
    (tmp_path / "U盘").mkdir()
    done = photo("backup", tmp_path / "U盘" / "备份.db")
    assert (done.code, "1 个佐证文件" in done.out) == (0, True), done.err
    for name in ("book.db-evidence", "book.db-backups"):
        shutil.rmtree(tmp_path / name)
    (tmp_path / "book.db").unlink()
    assert photo("restore", tmp_path / "U盘" / "备份.db", "--yes").code == 0
    assert photo("evidence", "list", "meeting", 1).code == 0
    assert kept(tmp_path).read_bytes() == PHOTO


def test_the_zip_for_an_inspection_leads_to_each_file(photo, tmp_path):
    photo("talk", "add", "--talker", "张三", "--subject", "李四", "--on", "2026-08-02")
    (tmp_path / "谈话.jpg").write_bytes(PHOTO + b"private")
    assert photo("evidence", "add", "talk", 1, "谈话.jpg").code == 0
    for name in ("a.zip", "b.zip"):
        assert photo("bundle", "2026Q3", "--out", tmp_path / name).code == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "out")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "00目录.xlsx")["佐证"]
    (link,) = [cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert (tmp_path / "out" / link.target).read_bytes() == PHOTO
    assert [path.name for path in (tmp_path / "out").glob("佐证*")] == ["佐证1-三会一课台账-1-照片1.jpg"]


def test_forgetting_a_member_names_the_files_on_which_he_may_be_seen(photo, tmp_path):
    (tmp_path / "张三奖状.jpg").write_bytes(PHOTO + b"2")
    photo("evidence", "add", "meeting", 2, "张三奖状.jpg")
    photo("member", "transfer", "张三", "--to", "外院", "--on", "2026-11-01")
    done = photo("member", "forget", "张三", "--yes")
    assert "佐证文件名" in done.err, done.err
    assert (done.code, "可能拍到" in done.err, "meeting 1 照片1.jpg" in done.err) == (0, True, True), done.err
    gone = photo("evidence", "remove", "meeting", 1, "照片1.jpg", "--erase", "--yes")
    assert gone.code == 0, gone.err
    assert not kept(tmp_path).exists()
    assert len(list((tmp_path / "book.db-backups" / "evidence").iterdir())) == 1


def test_beside_an_encrypted_book_no_file_lies_open(photo, tmp_path):
    pytest.importorskip("sqlcipher3")
    (tmp_path / "key").write_text("correct horse battery\n")
    (tmp_path / "key").chmod(0o600)
    assert photo("encrypt", "--new-key-file", tmp_path / "key").code == 0
    key = ("--key-file", tmp_path / "key")
    (tmp_path / "二.jpg").write_bytes(PHOTO + b"2")
    assert photo(*key, "evidence", "add", "meeting", 1, "二.jpg").code == 0
    files = list(tmp_path.glob("book.db*/**/*.jpg"))
    assert len(files) == 4
    assert not any(b"photograph" in path.read_bytes() for path in files)
    assert {one["ok"] for one in photo(*key, "evidence", "list", "meeting", 1, "--json").json} == {True}
    assert photo(*key, "doctor").code == 0
    assert photo(*key, "encrypt", "--off", "--yes").code == 0
    assert kept(tmp_path).read_bytes() == PHOTO
    assert photo("evidence", "list", "meeting", 1).code == 0
