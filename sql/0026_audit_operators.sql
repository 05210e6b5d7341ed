-- The audit log of operators: the console lists what operators and commands did (actor kind 2) among many entries of API calls. The
-- entries of API calls are not in these indexes, so that they cost no more than before.

CREATE INDEX audit_entries_of_operators ON audit_entries (id) WHERE actor_kind = 2;
CREATE INDEX audit_entries_by_operator ON audit_entries (actor, id) WHERE actor_kind = 2;
