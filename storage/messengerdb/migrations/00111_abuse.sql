-- +goose Up
-- What people report, sealed to a key that is not on the server; no account.
CREATE TABLE abuse_reports (
	report BYTEA NOT NULL PRIMARY KEY,
	day    TEXT  NOT NULL,
	sealed BYTEA NOT NULL
);

-- +goose Down
DROP TABLE abuse_reports;
