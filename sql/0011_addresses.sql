-- The blind index of a user's address becomes a column of the user; before, the address was found through an index. Each user
-- has exactly one address, so that a new user needs one index entry less. An erased user has no address: the column then
-- holds 32 bytes that no keyed hash produces.

CREATE TABLE users_and_addresses (
	id {text} NOT NULL PRIMARY KEY,
	group_name {text} NOT NULL,
	wrapped_key {bytes} NOT NULL,
	language {text} NOT NULL,
	created {int} NOT NULL,
	allowed {int} NOT NULL,
	send_full {int} NOT NULL,
	doubted {int} NOT NULL,
	members {text} NOT NULL,
	pair_full {int} NOT NULL,
	address {bytes} NOT NULL
) {strict};
INSERT INTO users_and_addresses
	(id, group_name, wrapped_key, language, created, allowed, send_full, doubted, members, pair_full, address)
	SELECT users.id, users.group_name, users.wrapped_key, users.language, users.created, users.allowed, users.send_full,
		users.doubted, users.members, users.pair_full,
		coalesce(addresses.blind, CAST('00000000000000000000000000000000' AS {bytes}))
	FROM users LEFT JOIN addresses ON addresses."user" = users.id;
DROP INDEX addresses_by_user;
DROP TABLE users;
ALTER TABLE users_and_addresses RENAME TO users;
