/* What one setting alone cannot tell: what --dev chooses, what follows from others, what together is unsafe.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/raw_config.h"
#include "main/config/values.h"

/* What a command needs to be set and right. */
enum config_need { NEED_NOTHING, NEED_STORE /* database and master key */, NEED_ALL };

/* Always ERR_INPUT; `*why` is "KYCD_NAME sentence". */
enum err config_refuse(struct arena *a, struct str *why, const char *name, const char *sentence);

/* What --dev chooses where nothing is set. */
void config_dev(struct raw_config *raw);
/* What follows from others: the public URL, the callback, the hosts. */
enum err config_derive(struct config *config, struct raw_config *raw, struct arena *a) must_use;
enum err config_validate(const struct config *config, struct raw_config *raw, enum config_need need,
	struct arena *a, struct str *why) must_use;
/* --dev, and nothing names a real provider. */
bool config_uses_sandbox(const struct config *config, struct raw_config *raw);
