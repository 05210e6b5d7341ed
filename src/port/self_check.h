/* Interface to what a running server finds out about its installation: the checks of `kycd doctor`, and how
 * the backups ended. Thread-safe. The texts that are returned live in the caller's arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/backup.h"
#include "domain/finding.h"

#define SELF_CHECK_FINDINGS_MAX 64
/* A result that is older is out of date. */
#define SELF_CHECK_OLD_AFTER minutes(10)

struct self_check_finding {
	enum finding kind;
	struct str check, message; /* what was found, and what to do about it */
};

struct self_check_result {
	bool is_running;    /* a run has begun and not ended */
	moment started_at;  /* of that run, or of the last one; 0: there was none */
	moment finished_at; /* of the last run that has ended, to which the findings belong; 0: none */
	bool is_cut_off;    /* that run was stopped because it took too long, or it failed */
	size_t n;
	struct self_check_finding *findings;
};

/* Who makes the backups of the database. */
enum backup_keeper {
	BACKUPS_NOT_NEEDED,  /* development mode */
	BACKUPS_BY_KYCD,     /* `kycd db backup`, of a SQLite file */
	BACKUPS_BY_POSTGRES, /* the tools of PostgreSQL */
};

struct self_check {
	const struct self_check_ops *ops;
};
struct self_check_ops {
	/* Starts a run in the background, unless there is one. Does not wait. */
	enum err (*start)(struct self_check *check);
	/* Returns the last result. Does not wait for a run. */
	enum err (*read)(struct self_check *check, struct arena *a, struct self_check_result *out);
	/* Returns who makes the backups, and what is known of those of kycd. */
	enum backup_keeper (*backups)(struct self_check *check, struct arena *a, struct backup_history *out);
};
