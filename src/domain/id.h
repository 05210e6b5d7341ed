/* Typed ids: passing a user id where a tenant id is expected does not compile. An id is a ULID in lower case:
 * 26 characters of Crockford's base32 with 48 bits of time (milliseconds) and 80 random bits, so that new
 * rows are added at the end of an index. The text is 0-terminated; the empty text means "none". */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"

#define ID_LENGTH 26
#define ID_SIZE (ID_LENGTH + 1)
#define ID_RANDOM_BYTES 10 /* random bytes that one id needs */

struct tenant_id {
	char text[ID_SIZE];
};
struct user_id {
	char text[ID_SIZE];
};
struct session_id { /* kycd's own id of a session; the provider's is struct provider_ref */
	char text[ID_SIZE];
};
struct effect_id {
	char text[ID_SIZE];
};
struct event_id { /* the API shows it as `evt_` and the id */
	char text[ID_SIZE];
};
struct endpoint_id { /* a webhook endpoint; the API shows it as `we_` and the id */
	char text[ID_SIZE];
};
struct public_user_id { /* what a tenant calls a person; the API shows it as `usr_` and the id */
	char text[ID_SIZE];
};
struct verification_link_id { /* the API shows it as `vl_` and the id */
	char text[ID_SIZE];
};
struct operator_id { /* an operator of the console; shown as `op_` and the id */
	char text[ID_SIZE];
};
struct operator_note_id {
	char text[ID_SIZE];
};
struct audit_entry_id {
	char text[ID_SIZE];
};
struct instance_id { /* one running kycd process */
	char text[ID_SIZE];
};
struct key_id { /* the 8 characters that identify an API key and are part of its text */
	char text[9];
};
struct provider_ref { /* the provider's id of a session; the API returns it as `session_id` */
	char text[65];
};
struct digest {
	unsigned char bytes[32];
};

void id_make(moment now, const unsigned char random[ID_RANDOM_BYTES], char out[ID_SIZE]);
/* Writes the smallest id of that moment. Ids made at that moment or later are equal to it or sort after
 * it. */
void id_lower_bound(moment at, char out[ID_SIZE]);
/* Returns whether `s` consists of 26 characters of the alphabet. */
bool id_is_valid(struct str s);
/* If the id is a UUID, changes it to lower case, its canonical form (RFC 9562 section 4). Other ids stay
 * unchanged. */
void provider_ref_normalise(struct provider_ref *ref);
