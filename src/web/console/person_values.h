/* The values of the page of a person. */
#pragma once

#include <stdbool.h>

#include "app/console/person.h"
#include "base/arena.h"
#include "html/page.h"
#include "web/console/request.h"

struct person_values {
	struct str user_id, tenant, reference, url; /* url: the page of the person */
	struct str status, tone, situation, told, next;
	struct str email, wallet, created_at, updated_at;
	struct template_list sessions, timeline, messages, links, operator_notes;
	bool is_shown;			     /* the addresses are not masked */
	bool may_show, may_reset, may_erase; /* the buttons */
	bool has_other_tenants;		     /* an operator of more tenants must act on the person */
	bool may_note,
		has_all_notes; /* the form for a note; there are as many operator_notes as are possible */
	bool has_older;
};

/* Fills the values. Texts that are made are in the arena `a`. */
void person_values_fill(struct arena *a, const struct console_request *request,
	const struct console_person *person, bool is_shown, struct person_values *out);
