/* The texts of people and statuses on the pages of the console. Texts that are made are in the arena;
 * their `p` is NULL if there is no memory. */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/next_action.h"
#include "domain/overall_status.h"
#include "domain/reason.h"
#include "domain/review.h"

/* "usr_…" */
struct str console_user_id(struct arena *a, const struct public_user_id *id);
/* The page of a tenant: "/console/tenants/shop". */
struct str console_tenant_path(struct arena *a, struct str name);
/* The page of a person: "/console/people/shop/usr_…". */
struct str console_person_path(struct arena *a, const char *tenant, const struct public_user_id *id);

/* "In review", and the class of its badge (src/web/style/30_components.css). */
struct str console_status_label(enum overall_status status);
struct str console_status_tone(enum overall_status status);
/* What the person does next, e.g. "Continue the check". */
struct str console_next_action_label(enum next_action action);
/* The reasons as words, separated by commas; empty: there are none. */
struct str console_reasons_text(struct arena *a, struct reasons reasons);
/* "decline, and allow another try" */
struct str console_verdict_text(enum review_verdict verdict);
