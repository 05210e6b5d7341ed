/* Cleans the text of a setting as people write it, before it is converted. Quotes, byte order mark and white
 * space around the text are removed. A text that is probably a mistake is refused, so that the mistake does
 * not become a part of the value. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "main/config/setting.h"

/* Cleans `*text`. `in_file` is true if the text comes from kycd.conf or from the file that NAME_FILE names.
 * Returns NULL, or the reason why the text is refused, worded to follow the name of the setting; `*text` is
 * then unchanged. */
const char *value_text_clean(enum setting_kind kind, bool in_file, struct str *text) must_use;
/* Returns true if a text that should be the path of a secret's file may be the secret itself, so that it must
 * not be shown. */
bool value_text_may_be_secret(struct str path);
