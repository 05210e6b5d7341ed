/* Where a person stands, and why, in sentences for an operator. */
#pragma once

#include "app/console/person.h"
#include "base/arena.h"
#include "base/str.h"
#include "domain/rules.h"
#include "domain/session.h"

/* One or more sentences. In the arena; `p` is NULL if there is no memory. */
struct str person_situation_text(
	struct arena *a, const struct console_person *person, const struct rules *rules, moment now);
/* What the person may be told about the reasons of the last check: sentences of docs/reasons.md. Empty:
 * nothing needs to be told. */
struct str person_told_text(struct arena *a, const struct console_person *person);
/* Whether *Allow another try* would change something: tries are used or a blocklist warning counts. */
bool person_can_be_reset(const struct console_person *person);
