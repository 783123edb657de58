-- What a unit decides once: one row, a column for each decision.
CREATE TABLE settings (
    id INTEGER PRIMARY KEY, volunteering INTEGER, model_posts INTEGER, zones INTEGER, pairing INTEGER, posting INTEGER,
    departments TEXT, lectures_per_year INTEGER, dues_rounding TEXT, least_coverage INTEGER, org TEXT,
    reception_desk TEXT, reception_phone TEXT, opinion_box TEXT, extras TEXT, uid TEXT UNIQUE
);
