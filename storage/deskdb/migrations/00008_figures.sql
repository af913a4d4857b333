-- +goose Up
-- Sums over the cases of this database, kept up with each change of one: the
-- lead's page reads them and never the cases. No row is about a case.
CREATE TABLE figures (
	measure TEXT   NOT NULL,
	period  TEXT   NOT NULL, -- a month, a year, or empty: now
	key     TEXT   NOT NULL,
	process TEXT   NOT NULL,
	country TEXT   NOT NULL,
	n       BIGINT NOT NULL,
	PRIMARY KEY (measure, period, key, process, country)
);
