"""Records to ledgers (导出): kept records become pages that `writing` dresses; templates for those yet to come."""

from partybuild_cli.sheets.exporting.files import Request, Setting, export_ledgers, write_blank

__all__ = ["Request", "Setting", "export_ledgers", "write_blank"]
