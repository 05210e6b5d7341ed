/* What the JSON routes take, one table each. */
#pragma once

#include "text/form.h"

struct email_body {
	struct str email, language;
};
extern const struct form email_form;

/* `send-otp`, with the wallet of a pair. */
struct send_body {
	struct str email, wallet, language;
};
extern const struct form send_form;

struct code_body {
	struct str email, code, wallet;
};
extern const struct form code_form;

struct challenge_body {
	struct str wallet, purpose;
};
extern const struct form challenge_form;

/* `prepare-wallet`: message and signed_bytes byte by byte as they came. */
struct wallet_body {
	struct str wallet, message, signed_bytes, email, language;
};
extern const struct form wallet_form;

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

struct field_doc {
	const char *name, *example, *description;
};
/* Every field of these forms has one. */
const struct field_doc *field_doc(const char *name);
