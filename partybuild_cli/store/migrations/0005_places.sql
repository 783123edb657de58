-- Where a column that a ledger does not know stood on the clerk's sheet: behind which known field, and in which order.
CREATE TABLE extra_place (
    ledger TEXT NOT NULL,
    heading TEXT NOT NULL,
    after TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (ledger, heading)
);
