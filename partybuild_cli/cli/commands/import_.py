"""`import`: ledgers as clerks keep them (导入台账)."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from partybuild_cli.cli import ask, imports, screen
from partybuild_cli.cli.complete import ledger_words
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson
from partybuild_cli.cli.secret import password_in
from partybuild_cli.cli.session import the_book
from partybuild_cli.errors import UsageFault
from partybuild_cli.sheets.reading import is_word

app = Commands()


@app.command("import", example="partybuild import 花名册.xlsx")
def import_(
    files: Annotated[
        list[Path] | None,
        Argument(
            metavar="文件…",
            help="Excel、WPS、CSV 台账，或 Word 会议记录，可以一次写多个，也可以写整个文件夹",
            show_default=False,
        ),
    ] = None,
    ledger: Annotated[
        str | None, Option(metavar="台账", help="认不出时指明是哪种台账，如 meeting", autocompletion=ledger_words)
    ] = None,
    dry_run: Annotated[bool, Option("--dry-run", help="只看会有什么变化，不写入")] = False,
    skip_bad: Annotated[bool, Option("--skip-bad", help="有问题的行留下，其余写入")] = False,
    map: Annotated[
        list[str] | None, Option(metavar="表头=字段", help="指明一列是什么，如 会议主旨=topic；可重复，下次自动记得")
    ] = None,
    problems: Annotated[
        Path | None, Option(metavar="文件", help="把有问题的行写到这个工作簿，改好后可直接导入")
    ] = None,
    add_only: Annotated[bool, Option("--add-only", help="只添加新记录，不改已有的")] = False,
    fill_blank: Annotated[bool, Option("--fill-blank", help="只补空白，不覆盖已有的值")] = False,
    erase_blank: Annotated[bool, Option("--erase-blank", help="表中空白的单元格清掉已有的值")] = False,
    yes: Annotated[bool, Option("--yes", help="改动很大时、读 Word 文档时不再询问")] = False,
    first: Annotated[bool, Option("--ask", help="先给看读到了什么，问过再写入；没有终端时直接导入")] = False,
    rows: Annotated[bool, Option("--rows", help="JSON 中列出读到的每一行")] = False,
    password_file: Annotated[Path | None, Option(metavar="文件", help="加密工作簿的密码，写在这个文件的第一行")] = None,
    sample: Annotated[
        Path | None,
        Option(metavar="文件", help="不导入，只做一份样本：版式照旧，人名、号码、文字全部换掉，可发给维护程序的人"),
    ] = None,
    out: Annotated[Path | None, Option(metavar="文件", help="样本写到哪里，与 --sample 合用")] = None,
    json: AsJson = False,
) -> None:
    """导入已有的台账：自动认出台账、表头和每一列；有任何问题就一行也不写，并指出每个问题在哪里。"""
    from partybuild_cli.sheets.importing import Options, Question, import_files

    if sample is not None and files:
        raise UsageFault("--sample 只做样本，不导入别的文件，请分两次运行。")
    if sample is not None:
        imports.make_sample(sample, out, password_in(password_file), json)
        return
    if out is not None:
        raise UsageFault("--out 是样本的位置，请与 --sample 合用；问题工作簿写到哪里请用 --problems。")
    asked = not files
    files = imports.files_in(files or imports.ask_files())
    options = Options(
        ledger=ledger,
        maps=imports.maps_of(map or []),
        dry_run=dry_run,
        skip_bad=skip_bad,
        mode=imports.mode_of(add_only, fill_blank),
        erase_blank=erase_blank,
        with_rows=rows,
        yes=yes,
        password=password_in(password_file),
    )
    book = the_book()
    imports.place_of(files, problems, dry_run)  # a place that cannot be used is told before anything is read
    answered: list[tuple[Question, str | None]] = []
    words = not yes and any(is_word(file) for file in files)
    looked = not dry_run and (words or (first and not json and screen.on_terminal()))
    if looked:
        with imports.talk(json, answered) as (answer, _, progress):
            found = import_files(book, files, replace(options, dry_run=True), ask=answer, progress=progress)
        options = imports.looked_at(found, options, words, json)
    line = ["import", *(str(file) for file in files), *(["--skip-bad"] if options.skip_bad else [])]
    if looked:
        ask.completed(line)
    with imports.talk(json, answered) as (answer, agree, progress):
        report = import_files(book, files, options, ask=answer, agree=agree, progress=progress)
    written = imports.put_problems(report, files, problems, dry_run)
    if json:
        screen.document({**report.document(), "problems_file": str(written) if written else None})
    else:
        imports.show(report, dry_run, written, "partybuild undo", brief=looked)
    if asked:
        ask.teach(line)
    refused = report.problem_count and not (options.skip_bad and report.written)
    declined = report.needs_yes and not dry_run and not report.written
    raise Exit(4 if refused or declined else 0)
