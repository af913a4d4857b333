-- +goose Up
-- The lead's page reads this alone: beside it, each sum would be a row that
-- lies anywhere.
CREATE INDEX figures_sums ON figures (measure, period, key, process, country, n);
