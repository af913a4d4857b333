-- +goose Up
-- Exercises: those in the queue, by the number they have there, and those that
-- are over and gone from it, with their events.
CREATE TABLE exercises (
	number TEXT   NOT NULL PRIMARY KEY,
	filed  BIGINT NOT NULL,
	head   BYTEA  NOT NULL,
	events BYTEA  NOT NULL -- empty while it is in the queue
);

-- Numbers that exercises gave back: the next cases take them, so that none is left out.
CREATE TABLE free_numbers (
	number TEXT NOT NULL PRIMARY KEY
);
