#include "app/person/reference.h"

#include <stdio.h>

#include "app/core/sealed_names.h"
#include "crypto/keys.h"
#include "text/encode.h"

void reference_write_place(const struct enrolment *enrolment, char out[REFERENCE_PLACE_SIZE])
{
	(void)snprintf(
		out, REFERENCE_PLACE_SIZE, "%s/%s", enrolment->tenant_id.text, enrolment->user_id.text);
}

void reference_index_of(const struct world *world, const struct tenant_id *tenant, struct str reference,
	char out[sizeof(((struct enrolment *)NULL)->reference_index)])
{
	const struct str parts[] = { STR("reference"), str_of(tenant->text), reference };
	struct digest digest;

	keyed_digest(&world->keys->index, parts, array_len(parts), digest.bytes);
	hex_write(digest.bytes, sizeof(digest.bytes), out);
}

enum err reference_seal(const struct world *world, struct arena *a, const struct user *user,
	struct enrolment *enrolment, struct str reference)
{
	char row[REFERENCE_PLACE_SIZE];
	const struct sealed_field place = { SEALED_REFERENCE, row };

	reference_write_place(enrolment, row);
	TRY(user_seal(world, a, user, &place, reference, &enrolment->sealed_reference));
	reference_index_of(world, &enrolment->tenant_id, reference, enrolment->reference_index);
	return OK;
}

enum err reference_unseal(const struct world *world, struct arena *a, const struct user *user,
	const struct enrolment *enrolment, struct str *out)
{
	char row[REFERENCE_PLACE_SIZE];
	const struct sealed_field place = { SEALED_REFERENCE, row };

	*out = STR("");
	if (enrolment->sealed_reference.n == 0)
		return OK;
	reference_write_place(enrolment, row);
	return user_unseal(world, a, user, &place, enrolment->sealed_reference, out);
}
