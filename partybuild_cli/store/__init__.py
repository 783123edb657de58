"""Where records are kept (存储): engine, transaction, history, backup, migrations. Knows no record type."""
