/* What the system page of the console shows (app/console/system). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "domain/instance.h"
#include "port/self_check.h"

#define SYSTEM_MEASURES_MAX 12
/* Each finding, each instance and each measurement can need attention, and three things about backups. */
#define SYSTEM_ATTENTION_MAX (SELF_CHECK_FINDINGS_MAX + INSTANCES_MAX + SYSTEM_MEASURES_MAX + 4)

/* A number or state of this instance, and its limit. */
struct system_measure {
	const char *name;
	struct str value, limit; /* `limit` empty: there is none */
	enum finding kind;
	const char *advice; /* what to do beyond the limit */
};

struct system_instance {
	struct server_instance row;
	bool is_self;	  /* it answers this request */
	bool is_lost;	  /* without a sign of life */
	bool is_replaced; /* lost, and another instance was started in its place since */
};

/* Something that needs attention: what it is, and what to do. */
struct system_attention {
	enum finding kind; /* FINDING_WARNING or FINDING_ERROR */
	struct str topic, text;
};

struct system_view {
	moment now; /* by the store's clock */
	bool has_checks;
	struct self_check_result checks;
	enum backup_keeper backup_keeper;
	struct backup_history backups; /* with BACKUPS_BY_KYCD */
	struct system_instance instances[INSTANCES_MAX];
	size_t n_instances;
	struct system_measure measures[SYSTEM_MEASURES_MAX];
	size_t n_measures;
	struct system_attention attention[SYSTEM_ATTENTION_MAX]; /* errors first */
	size_t n_attention, n_errors;
};
