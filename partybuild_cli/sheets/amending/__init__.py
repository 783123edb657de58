"""Amending workbooks that exist (在已有的工作簿上修改): bad rows to be corrected, and forms that the superior unit sent out."""

from partybuild_cli.sheets.amending.form import Filled, fill_form
from partybuild_cli.sheets.amending.place import problems_place
from partybuild_cli.sheets.amending.problems import write_problems

__all__ = ["Filled", "fill_form", "problems_place", "write_problems"]
