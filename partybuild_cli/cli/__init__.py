"""What the clerk types and sees (命令行). Only this room prints; importing it loads neither SQL nor a workbook library."""
