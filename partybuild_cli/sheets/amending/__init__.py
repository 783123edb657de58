"""Amending workbooks that exist (在已有的工作簿上修改): bad rows to be corrected, and forms that the superior unit sent out.

Nothing is imported here: an import without a problem needs no openpyxl.
"""
