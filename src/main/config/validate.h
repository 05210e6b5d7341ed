/* Rules that need more than one setting: the values that --dev sets, the values that are derived from other
 * settings, and the combinations that are incomplete, invalid or unsafe. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/raw_config.h"
#include "main/config/refusals.h"
#include "main/config/values.h"

/* The settings that a command needs; only these are validated. NEED_STORE means database and master key. */
enum config_need { NEED_NOTHING, NEED_STORE, NEED_ALL };

/* Applies the defaults of --dev to all settings that are not set. */
void config_dev(struct raw_config *raw);
/* Derives the values of settings that are not set from other settings: Didit version, public URL, callback
 * URL, sandbox credentials and session hosts. */
enum err config_derive(struct config *config, struct raw_config *raw, struct arena *a) must_use;
/* Checks the rules for the settings in `need`, and adds a reason to `refusals` for each broken rule. Skips
 * the rules about a setting that has already been refused, and the rules that read such a setting. */
void config_validate(const struct config *config, struct raw_config *raw, enum config_need need,
	struct refusals *refusals);
/* Returns true if the built-in sandbox is the provider: with --dev, unless a setting names a real
 * provider. */
bool config_uses_sandbox(const struct config *config, struct raw_config *raw);
