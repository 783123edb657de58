-- Since when a zone of responsibility stands, and until when: what says neither stands as long as the book knows it.
ALTER TABLE zone ADD COLUMN set_on TEXT;
ALTER TABLE zone ADD COLUMN removed_on TEXT;
