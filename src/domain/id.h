/* Typed ids: handing a user's id where a tenant's is wanted does not compile. 26 characters of Crockford
 * base32 in lower case, 48 bits of time and 80 bits of luck (the ULID form), so that new rows land at the end
 * of an index. 0-terminated; the empty text is "none". */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"

#define ID_LENGTH 26
#define ID_SIZE (ID_LENGTH + 1)
#define ID_RANDOM 10 /* bytes of luck that one id needs */

struct tenant_id {
	char text[ID_SIZE];
};
struct user_id {
	char text[ID_SIZE];
};
struct session_id { /* ours; the provider's is struct provider_ref */
	char text[ID_SIZE];
};
struct effect_id {
	char text[ID_SIZE];
};
struct audit_entry_id {
	char text[ID_SIZE];
};
struct instance_id { /* of one running process */
	char text[ID_SIZE];
};
struct key_id { /* of an API key: the 8 characters of its text */
	char text[9];
};
struct provider_ref { /* a session's id as the provider gave it: what integrators see as `session_id` */
	char text[65];
};
struct digest {
	unsigned char bytes[32];
};

void id_make(moment now, const unsigned char random[ID_RANDOM], char out[ID_SIZE]);
/* The smallest id of that moment: what was made from then on sorts at or after it. */
void id_floor(moment from, char out[ID_SIZE]);
/* 26 characters of the alphabet? */
bool id_is_valid(struct str s);
