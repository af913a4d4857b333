-- +goose Up
-- The few values that the desk remembers besides its cases.
CREATE TABLE marks (
	name TEXT  NOT NULL PRIMARY KEY,
	body BYTEA NOT NULL
);
