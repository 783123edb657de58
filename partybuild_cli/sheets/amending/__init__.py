"""Amending workbooks that exist (在已有的工作簿上修改); an import without a problem needs no openpyxl."""
