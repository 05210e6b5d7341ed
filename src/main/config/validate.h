/* Rules that need more than one setting: the values that --dev sets, the values that follow from other
 * settings, and the combinations that are missing, invalid or unsafe. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/raw_config.h"
#include "main/config/refusals.h"
#include "main/config/values.h"

/* Which settings a command needs; only those are validated. NEED_STORE: database and master key. */
enum config_need { NEED_NOTHING, NEED_STORE, NEED_ALL };

/* Sets the defaults of --dev for settings that are not set. */
void config_dev(struct raw_config *raw);
/* Sets the values that follow from other settings if they are not set: Didit version, public URL, callback
 * URL, sandbox credentials and session hosts. */
enum err config_derive(struct config *config, struct raw_config *raw, struct arena *a) must_use;
/* Checks the rules for `need` and adds what breaks one to `refusals`. Rules about a setting that is already
 * refused, or that depend on one, are skipped. */
void config_validate(const struct config *config, struct raw_config *raw, enum config_need need,
	struct refusals *refusals);
/* Whether the built-in sandbox is the provider: with --dev, unless a setting names a real provider. */
bool config_uses_sandbox(const struct config *config, struct raw_config *raw);
