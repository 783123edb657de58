"""What a scheme measures (数据项), as sets of SQL: one file a theme, one entry a name of the catalogue."""
