/* What an operator may see of one person: opaque ids, fixed words and times. No address, name, code or link:
 * a link is a key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/another.h"
#include "app/people.h"
#include "app/standing.h"
#include "base/arena.h"

/* The newest sessions that are shown. */
#define FILE_SESSIONS 100

/* One address with one tenant. */
struct file_tenant {
	const struct file_tenant *next;
	struct tenant_id id;
	const char *name;
	enum host_scope kind;
	moment prepared, proven;
	const char *last_code; /* what became of the last letter; NULL: none, or long ago */
};

struct person_file {
	const struct person *person;
	size_t n_addresses;
	const struct file_tenant *tenants;
	struct session *sessions; /* newest first; sealed columns are of no use here */
	size_t n_sessions;
	bool has_more;
	struct standing standing;
	struct another another;
	int64_t tries_left;
	moment next_try; /* when one more comes back; 0: none is used */
};

struct person_files {
	struct people people;
	struct person_file list[PEOPLE_MAX];
};

/* All in one reading of the store; the arena holds it. Of nobody when `people` says so. */
enum err person_files_read(const struct world *world, struct arena *a, const struct whom *whom,
	struct person_files *out) must_use;

/* What `create` would do for the person now, once they gave their proof. */
const char *person_file_create_word(enum create_verdict v);
