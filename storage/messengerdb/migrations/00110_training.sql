-- +goose Up
-- The yearly training of those who sign releases, each stated under their own key.
CREATE TABLE release_training (
	holder TEXT   NOT NULL,
	day    BIGINT NOT NULL,
	stated BIGINT NOT NULL,
	key_id BYTEA  NOT NULL,
	auth   BYTEA  NOT NULL,
	client BYTEA  NOT NULL,
	sig    BYTEA  NOT NULL,
	PRIMARY KEY (holder, stated)
);

-- Who said that they have a tie with a grant, and so does not sign it.
CREATE TABLE grant_ties (
	hash   BYTEA  NOT NULL,
	holder TEXT   NOT NULL,
	said   BIGINT NOT NULL,
	why    TEXT   NOT NULL,
	PRIMARY KEY (hash, holder)
);
