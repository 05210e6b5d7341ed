/* The text of a setting as people write it, before it is converted: the quotes, byte order mark and white
 * space around it are removed; what cannot be meant is refused, so that it never becomes a part of the value.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "main/config/setting.h"

/* `in_file`: the text was written in kycd.conf or in the file of NAME_FILE. Returns NULL, or why the text is
 * refused, to follow the name of the setting. `*text` then is unchanged. */
const char *value_text_clean(enum setting_kind kind, bool in_file, struct str *text) must_use;
/* Whether a text that should be the path of a secret's file may be the secret itself, so that it must not be
 * shown. */
bool value_text_may_be_secret(struct str path);
