"""How records meet Excel: recognise, read, plan, write (台账与电子表格)."""
