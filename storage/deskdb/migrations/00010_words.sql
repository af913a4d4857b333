-- +goose Up
-- The queue's filters by number instead of by word: an index that holds all
-- that a list may ask of a case is read alone, and not one row beside it.
CREATE TABLE words (
	code BIGINT NOT NULL PRIMARY KEY,
	word TEXT   NOT NULL UNIQUE
);
INSERT INTO words (code, word) VALUES (0, '');
INSERT INTO words (code, word) SELECT ROW_NUMBER() OVER (ORDER BY word), word FROM (
	SELECT lane AS word FROM cases UNION SELECT phase FROM cases UNION SELECT process FROM cases UNION SELECT country FROM cases
	UNION SELECT agency FROM cases UNION SELECT officer FROM cases UNION SELECT assigned FROM cases) AS used WHERE word <> '';

DROP INDEX cases_officer;
DROP INDEX cases_agency;
DROP INDEX cases_all_due;
DROP INDEX cases_all_filed;
DROP INDEX cases_all_agency;
DROP INDEX cases_all_country;
DROP INDEX cases_all_process;
DROP INDEX cases_all_assigned;
DROP INDEX cases_all_officer;
DROP INDEX cases_open_due;
DROP INDEX cases_open_lane_due;
DROP INDEX cases_open_phase_due;
DROP INDEX cases_open_process_due;
DROP INDEX cases_open_country_due;
DROP INDEX cases_open_agency_due;
DROP INDEX cases_open_assigned_due;
DROP INDEX cases_open_counsel_due;
DROP INDEX cases_open_filed;
DROP INDEX cases_open_lane_filed;
DROP INDEX cases_open_phase_filed;
DROP INDEX cases_open_process_filed;
DROP INDEX cases_open_country_filed;
DROP INDEX cases_open_agency_filed;
DROP INDEX cases_open_assigned_filed;
DROP INDEX cases_open_counsel_filed;

ALTER TABLE cases ADD COLUMN lane_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN phase_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN process_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN country_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN agency_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN officer_code BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN assigned_code BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET lane_code = (SELECT code FROM words WHERE word = lane),
	phase_code = (SELECT code FROM words WHERE word = phase),
	process_code = (SELECT code FROM words WHERE word = process),
	country_code = (SELECT code FROM words WHERE word = country),
	agency_code = (SELECT code FROM words WHERE word = agency),
	officer_code = (SELECT code FROM words WHERE word = officer),
	assigned_code = (SELECT code FROM words WHERE word = assigned);
ALTER TABLE cases DROP COLUMN lane;
ALTER TABLE cases DROP COLUMN phase;
ALTER TABLE cases DROP COLUMN process;
ALTER TABLE cases DROP COLUMN country;
ALTER TABLE cases DROP COLUMN agency;
ALTER TABLE cases DROP COLUMN officer;
ALTER TABLE cases DROP COLUMN assigned;
ALTER TABLE cases RENAME COLUMN lane_code TO lane;
ALTER TABLE cases RENAME COLUMN phase_code TO phase;
ALTER TABLE cases RENAME COLUMN process_code TO process;
ALTER TABLE cases RENAME COLUMN country_code TO country;
ALTER TABLE cases RENAME COLUMN agency_code TO agency;
ALTER TABLE cases RENAME COLUMN officer_code TO officer;
ALTER TABLE cases RENAME COLUMN assigned_code TO assigned;

-- Each filter has an index in each order, of the open cases and of all. The
-- first filter of a list, in the order of deskdb's drive, chooses the index;
-- behind the order stand the filters that may come after it, and nothing else.
CREATE INDEX cases_open_due ON cases (due, number, lane, process, country) WHERE is_open = 1;
CREATE INDEX cases_open_counsel_due ON cases (due, number, process, country, phase, lane, assigned) WHERE is_open = 1 AND counsel = 1;
CREATE INDEX cases_open_assigned_due ON cases (assigned, due, number, agency, counsel, process, country, phase, lane) WHERE is_open = 1;
CREATE INDEX cases_open_agency_due ON cases (agency, due, number, counsel, process, country, phase, lane, assigned) WHERE is_open = 1;
CREATE INDEX cases_open_process_due ON cases (process, due, number, country, phase, lane, assigned) WHERE is_open = 1;
CREATE INDEX cases_open_country_due ON cases (country, due, number, phase, lane, assigned) WHERE is_open = 1;
CREATE INDEX cases_open_phase_due ON cases (phase, due, number, lane, assigned) WHERE is_open = 1;
CREATE INDEX cases_open_lane_due ON cases (lane, due, number, assigned) WHERE is_open = 1;

CREATE INDEX cases_open_filed ON cases (filed, number, due) WHERE is_open = 1;
CREATE INDEX cases_open_counsel_filed ON cases (filed, number, process, country, phase, lane, assigned, due) WHERE is_open = 1 AND counsel = 1;
CREATE INDEX cases_open_assigned_filed ON cases (assigned, filed, number, agency, counsel, process, country, phase, lane, due) WHERE is_open = 1;
CREATE INDEX cases_open_agency_filed ON cases (agency, filed, number, counsel, process, country, phase, lane, assigned, due) WHERE is_open = 1;
CREATE INDEX cases_open_process_filed ON cases (process, filed, number, country, phase, lane, assigned, due) WHERE is_open = 1;
CREATE INDEX cases_open_country_filed ON cases (country, filed, number, phase, lane, assigned, due) WHERE is_open = 1;
CREATE INDEX cases_open_phase_filed ON cases (phase, filed, number, lane, assigned, due) WHERE is_open = 1;
CREATE INDEX cases_open_lane_filed ON cases (lane, filed, number, assigned, due) WHERE is_open = 1;

CREATE INDEX cases_all_due ON cases (due, number, phase);
CREATE INDEX cases_all_officer_due ON cases (officer, due, number, assigned, agency, counsel, process, country, phase, lane, is_open);
CREATE INDEX cases_all_assigned_due ON cases (assigned, due, number, agency, process, country, phase, lane);
CREATE INDEX cases_all_agency_due ON cases (agency, due, number, process, country, phase, lane, assigned);
CREATE INDEX cases_all_process_due ON cases (process, due, number, country, phase, lane, assigned);
CREATE INDEX cases_all_country_due ON cases (country, due, number, phase, lane, assigned);
CREATE INDEX cases_all_lane_due ON cases (lane, due, number, phase, assigned);

CREATE INDEX cases_all_filed ON cases (filed, number, phase);
CREATE INDEX cases_all_officer_filed ON cases (officer, filed, number, assigned, agency, counsel, process, country, phase, lane, is_open, due);
CREATE INDEX cases_all_assigned_filed ON cases (assigned, filed, number, agency, process, country, phase, lane);
CREATE INDEX cases_all_agency_filed ON cases (agency, filed, number, process, country, phase, lane, assigned);
CREATE INDEX cases_all_process_filed ON cases (process, filed, number, country, phase, lane, assigned);
CREATE INDEX cases_all_country_filed ON cases (country, filed, number, phase, lane, assigned);
CREATE INDEX cases_all_lane_filed ON cases (lane, filed, number, phase, assigned);

