-- Schema version 1. Each file sql/NNNN_name.sql is one migration. src/store/sql/migrate.c runs it once and replaces the
-- markers in braces with the words of the database engine: column types, the end of a CREATE TABLE.
-- Migration 12 renamed many of these tables and columns.
--
-- Rules for all tables: kycd generates the ids, and they increase with time, so that new rows are added at the end of the
-- primary key's B-tree. Every index serves a query of src/port/record.c; an index named *_unique also enforces uniqueness.
-- Times are milliseconds since 1970 (UTC); 0 means never. No column is NULL; a missing text or byte value is empty.

CREATE TABLE schema_steps (
	version {int} NOT NULL PRIMARY KEY,
	applied {int} NOT NULL
) {strict};

CREATE TABLE keyrings (
	name {text} NOT NULL PRIMARY KEY,
	wrapped {bytes} NOT NULL,
	master_id {text} NOT NULL,
	created {int} NOT NULL
) {strict};

CREATE TABLE tenants (
	id {text} NOT NULL PRIMARY KEY,
	name {text} NOT NULL,
	group_name {text} NOT NULL,
	monthly_quota {int} NOT NULL,
	display_name {text} NOT NULL,
	language {text} NOT NULL,
	return_url {text} NOT NULL,
	created {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX tenants_unique ON tenants (name) WHERE name <> '';

CREATE TABLE api_keys (
	id {text} NOT NULL PRIMARY KEY,
	tenant {text} NOT NULL,
	digest {bytes} NOT NULL,
	label {text} NOT NULL,
	created {int} NOT NULL,
	expires {int} NOT NULL,
	revoked {int} NOT NULL,
	rate_per_minute {int} NOT NULL,
	rate_per_second {int} NOT NULL
) {strict};
CREATE INDEX api_keys_by_tenant ON api_keys (tenant, created, id);

CREATE TABLE users (
	id {text} NOT NULL PRIMARY KEY,
	group_name {text} NOT NULL,
	wrapped_key {bytes} NOT NULL,
	language {text} NOT NULL,
	created {int} NOT NULL,
	allowed {int} NOT NULL,
	send_full {int} NOT NULL
) {strict};

CREATE TABLE addresses (
	blind {bytes} NOT NULL PRIMARY KEY,
	kind {int} NOT NULL,
	"user" {text} NOT NULL,
	sealed {bytes} NOT NULL,
	created {int} NOT NULL
) {strict};
CREATE INDEX addresses_by_user ON addresses ("user", created, blind);

CREATE TABLE enrolments (
	tenant {text} NOT NULL,
	blind {bytes} NOT NULL,
	"user" {text} NOT NULL,
	prepared {int} NOT NULL,
	proven {int} NOT NULL,
	last_letter {text} NOT NULL,
	PRIMARY KEY (tenant, blind)
) {strict};

CREATE TABLE otps (
	tenant {text} NOT NULL,
	"user" {text} NOT NULL,
	digest {bytes} NOT NULL,
	created {int} NOT NULL,
	expires {int} NOT NULL,
	tries_left {int} NOT NULL,
	used {int} NOT NULL,
	letter {text} NOT NULL,
	PRIMARY KEY (tenant, "user")
) {strict};

CREATE TABLE sessions (
	id {text} NOT NULL PRIMARY KEY,
	"user" {text} NOT NULL,
	tenant {text} NOT NULL,
	flow {text} NOT NULL,
	provider_version {text} NOT NULL,
	features {text} NOT NULL,
	provider {text} NOT NULL,
	status {int} NOT NULL,
	url {bytes} NOT NULL,
	decision {bytes} NOT NULL,
	blocklisted {int} NOT NULL,
	created {int} NOT NULL,
	changed {int} NOT NULL,
	heard {int} NOT NULL,
	read {int} NOT NULL,
	asked {int} NOT NULL,
	instance {text} NOT NULL,
	quota_month {int} NOT NULL,
	after_declines {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX sessions_unique ON sessions (provider) WHERE provider <> '';
CREATE INDEX sessions_by_status ON sessions (status, created, id);
CREATE INDEX sessions_by_user ON sessions ("user", created, id);

CREATE TABLE quotas (
	tenant {text} NOT NULL,
	month {int} NOT NULL,
	used {int} NOT NULL,
	PRIMARY KEY (tenant, month)
) {strict};
CREATE INDEX quotas_by_month ON quotas (month, tenant);

CREATE TABLE effects (
	id {text} NOT NULL PRIMARY KEY,
	kind {int} NOT NULL,
	tenant {text} NOT NULL,
	"user" {text} NOT NULL,
	state {int} NOT NULL,
	done {int} NOT NULL,
	sealed {bytes} NOT NULL,
	created {int} NOT NULL,
	due {int} NOT NULL,
	useful_until {int} NOT NULL,
	leased_until {int} NOT NULL,
	lessee {text} NOT NULL,
	tries {int} NOT NULL,
	finished {int} NOT NULL
) {strict};
CREATE INDEX effects_by_due ON effects (done, due, id);
CREATE INDEX effects_by_age ON effects (done, created, id);
CREATE INDEX effects_by_user ON effects ("user", kind, created, id);

CREATE TABLE events (
	"key" {bytes} NOT NULL PRIMARY KEY,
	body {bytes} NOT NULL,
	session {text} NOT NULL,
	kind {text} NOT NULL,
	status {text} NOT NULL,
	sent {int} NOT NULL,
	received {int} NOT NULL,
	outcome {int} NOT NULL
) {strict};

CREATE TABLE trails (
	id {text} NOT NULL PRIMARY KEY,
	at {int} NOT NULL,
	actor_kind {int} NOT NULL,
	actor {text} NOT NULL,
	act {int} NOT NULL,
	subject {text} NOT NULL,
	tenant {text} NOT NULL,
	request {text} NOT NULL,
	note {text} NOT NULL
) {strict};
CREATE INDEX trails_by_subject ON trails (subject, id);
