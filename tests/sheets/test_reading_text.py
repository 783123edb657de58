"""Text tables, and files that are no workbook at all."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.sheets.reading import read_book

TEXT = '姓名,学时,备注\r\n张三,2.5,"第一行\r\n第二行"\r\n\r\n李四,,"说""好"""\r\n'
ROWS = [["姓名", "学时", "备注"], ["张三", "2.5", "第一行\n第二行"], [], ["李四", None, '说"好"']]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "b.csv"
    path.write_bytes(TEXT.replace(",", delimiter).encode(encoding))
    found = read_book(path)
    assert (found.format, found.notes) == ("csv", [])
    assert [sheet.name for sheet in found.sheets] == ["*"]
    assert found.sheets[0].rows == ROWS


def test_a_comma_in_names_does_not_beat_the_delimiter(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("姓名;金额\n张三;2,5\n李四;3,5\n", encoding="utf-8")
    assert read_book(tmp_path / "b.csv").sheets[0].rows[1] == ["张三", "2,5"]
    (tmp_path / "c.csv").write_text("台账,,\n时间,人员,备注\n2026,张三;李四;王五,\n2027,张三,\n", encoding="utf-8")
    assert read_book(tmp_path / "c.csv").sheets[0].rows[2] == ["2026", "张三;李四;王五"]


def test_an_open_quotation_mark_is_told_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text('姓名,备注\n张三,"没有结束\n李四,好\n', encoding="utf-8")
    with pytest.raises(Unfit, match="第 2 行起有一个双引号没有配对"):
        read_book(tmp_path / "b.csv")


def test_text_under_a_workbooks_name_is_read_and_remarked_on(tmp_path: Path) -> None:
    (tmp_path / "b.xls").write_text("姓名\t学时\n张三\t2\n", encoding="gb18030")
    found = read_book(tmp_path / "b.xls")
    assert found.sheets[0].rows == [["姓名", "学时"], ["张三", "2"]]
    assert "扩展名是 .xls，内容却是 csv" in found.notes[0]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<html><table><tr><td>x</td></tr></table></html>", "网页"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE html><p>x", "网页"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML 表格 2003"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "图片"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "图片"),
        (b"%PDF-1.7", "PDF"),
        (b"Rar!\x1a\x07", "压缩包"),
        (b"MIME-Version: 1.0", "网页"),
        (b"abc\0def", "不是文本"),
        (b"\x81\x20\xff\xff,\x80", "编码"),
        (b"", "空的"),
    ],
)
@pytest.mark.parametrize("name", ["b.xlsx", "b.xls", "b.csv"])
def test_what_is_no_workbook_is_named(tmp_path: Path, content: bytes, word: str, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unfit, match=word) as caught:
        read_book(tmp_path / name)
    assert name in caught.value.sentence


def test_places_that_hold_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="找不到文件「没有"):
        read_book(tmp_path / "没有.xlsx")
    with pytest.raises(Unfit, match="文件夹"):
        read_book(tmp_path)
    loop = tmp_path / "loop.xlsx"
    loop.symlink_to(loop)
    with pytest.raises(Unfit, match="链接"):
        read_book(loop)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(Unfit, match="不是普通文件"):
        read_book(tmp_path / "pipe.csv")
    for name in ("x" * 300, "a\0b", "b.xlsx/c.xlsx"):
        with pytest.raises(NotFound):
            read_book(tmp_path / name)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.csv"
    path.write_text("姓名\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unfit, match="权限"):
        read_book(path)


def test_a_name_cannot_disturb_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_book(tmp_path / "a\x1b[2J\udcff.csv")
    assert caught.value.sentence.isprintable()


def test_a_large_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partybuild_cli.sheets.reading.open.MAX_FILE", 10)
    (tmp_path / "b.csv").write_text("姓名,学时,备注\n")
    with pytest.raises(Unfit, match="拆成几个文件"):
        read_book(tmp_path / "b.csv")


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"]))
def test_any_bytes_are_a_book_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    path.write_bytes(head + content)
    with suppress(Unfit):
        assert read_book(path).format == "csv"
