-- Who pays by which table of rates, and who approved that a member pays less.
ALTER TABLE dues ADD COLUMN payer TEXT;
ALTER TABLE dues ADD COLUMN reduction TEXT;
