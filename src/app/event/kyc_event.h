/* Events about sessions, links and the overall status of a person: session.created, session.updated,
 * user.linked, kyc.updated and the type that repeats it for one status. Each tenant of the group hears of a
 * change if the person has verified an address to it (app/event/tenant_person); events of a session go only
 * to the session's own tenant. The functions run in the transaction of the change, after the changed rows
 * were saved. */
#pragma once

#include "app/person/kyc_status.h"
#include "app/person/linked_users.h"
#include "base/err.h"
#include "domain/session.h"
#include "port/store.h"
#include "port/world.h"

/* The provider made the session. */
enum err session_created_events(
	const struct world *world, struct tx *tx, const struct session *session) must_use;
/* The provider's status of the session changed. */
enum err session_updated_events(const struct world *world, struct tx *tx, const struct session *session,
	enum session_status previous) must_use;
/* An address was verified to this tenant. Call it if the person may have sessions or linked users: not for a
 * new user, and not for an address that is not linked in a group of one tenant. */
enum err proof_events(const struct world *world, struct tx *tx, const struct tenant_id *tenant,
	const struct linked_users *linked, const struct kyc_status *kyc_status) must_use;
/* Users were linked, which concerns all tenants of their group. `linked` are all users of the person. */
enum err link_events(const struct world *world, struct tx *tx, const struct tenant_id *tenant,
	const struct linked_users *linked) must_use;
