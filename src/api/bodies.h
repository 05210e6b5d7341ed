/* What the JSON routes take, one table each. */
#pragma once

#include "text/form.h"

struct email_body {
	struct str email, language;
};
extern const struct form email_form;

struct code_body {
	struct str email, code;
};
extern const struct form code_form;

/* `create`: one address of a person. */
struct address_body {
	struct str email, wallet, language;
};
extern const struct form address_form;

/* `status`: by query, or by JSON so that no address stands in a URL. */
struct status_body {
	struct str email, wallet, session_id;
};
extern const struct form status_query_form;
extern const struct form status_form;

struct field_note {
	const char *name, *example, *says;
};
/* Every field of these forms has one. */
const struct field_note *field_note(const char *name);
