-- Files that prove a record (佐证文件): what they are called and their SHA-256; the files lie beside the book.
CREATE TABLE attachment (
    ledger TEXT NOT NULL,
    record_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (ledger, record_id, name)
) WITHOUT ROWID;
