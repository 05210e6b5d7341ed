/* The state of a link as its tenant reads it. */
#pragma once

#include "base/err.h"
#include "domain/verification_link.h"
#include "port/store.h"
#include "port/world.h"

struct verification_link_status {
	struct verification_link_id id;
	enum verification_link_state state;
	moment created_at, expires_at;
	/* After the proof: what the tenant calls the person, and the person's KYC status, as GET /kyc/status
	 * tells it. Empty and NULL before it, and after the person was erased. */
	struct public_user_id user_id;
	const char *kyc_status;
};

/* `row` is a loaded row. */
enum err link_status_load(const struct world *world, struct tx *tx, const struct verification_link *row,
	struct verification_link_status *out) must_use;
