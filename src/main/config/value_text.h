/* Cleans the text of a setting before it is converted. Removes quotes, byte order mark and white space around
 * the text, which people may have added. Refuses a text that is probably a mistake, so that the mistake does
 * not become part of the value. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "main/config/setting.h"

/* Cleans `*text`. `in_file` is true if the text comes from kycd.conf or from the file that NAME_FILE names.
 * Returns NULL, or the reason why the text is refused, worded to follow the name of the setting. `*text` is
 * unchanged if it is refused. */
const char *value_text_clean(enum setting_kind kind, bool in_file, struct str *text) must_use;
/* Returns true if `path`, which should be the path of a file with a secret, may be the secret itself. It must
 * not be shown then. */
bool value_text_may_be_secret(struct str path);
