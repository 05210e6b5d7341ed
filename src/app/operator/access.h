/* Who uses the console, and what they may do. Every use case of the console begins with console_permit(), so
 * that roles and tenants are enforced here and not in the pages. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "domain/audit.h"
#include "domain/operator_account.h"
#include "domain/tenant.h"
#include "port/store.h"
#include "port/world.h"

/* A signed-in operator and their request, as console_session_load() found them. */
struct console_caller {
	struct operator_account account;
	struct console_session session;
	struct actor actor; /* for audit entries: ACTOR_OPERATOR, op_…, and the request */
};

/* Fills the actor of audit entries: the operator, and the request in which they acted; empty: none. */
void console_actor(const struct operator_account *account, struct str request_id, struct actor *out);

/* Decides whether the caller may take the action on an object of the tenant (console_check), and logs a
 * refusal. `tenant`: NULL for what concerns no particular tenant. */
enum console_verdict console_permit(const struct world *world, const struct console_caller *caller,
	enum console_action action, const struct tenant_id *tenant);

/* Uses up the caller's step-up in a transaction of its own, and sets `verdict`: CONSOLE_PERMITTED or
 * CONSOLE_STEP_UP_NEEDED. If the action fails afterwards, the operator uses the passkey again. */
enum err console_take_step_up(const struct world *world, struct arena *a, const struct console_caller *caller,
	enum console_verdict *verdict) must_use;
/* Uses up the caller's step-up, for an action with STEP_UP_EACH, in the transaction of the action. Sets
 * `usable` to false if another request has used it. Locks the row of the console session. */
enum err console_use_step_up(
	const struct world *world, struct tx *tx, const struct console_caller *caller, bool *usable) must_use;
