/* The one-time code with which a person verifies an e-mail address, so that support can say why a code does
 * not work. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

enum person_code_state {
	PERSON_CODE_NONE,    /* no code was requested, or the last one is from long ago */
	PERSON_CODE_LIVE,    /* would be accepted */
	PERSON_CODE_EXPIRED, /* or used */
	PERSON_CODE_LOCKED,  /* too many wrong entries */
};

struct person_code {
	enum person_code_state state;
	/* Unless PERSON_CODE_NONE. */
	moment created_at, expires_at;
	int64_t wrong_entries;
	moment next_send_at; /* from when on a new code may be requested; in the past: now */
};

/* Reads the newest code of the address. */
enum err person_code_load(const struct world *world, struct tx *tx, const struct enrolment *enrolment,
	struct person_code *out) must_use;
