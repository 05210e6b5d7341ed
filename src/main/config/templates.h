/* KYCD_MAIL_TEMPLATES: a folder of letters in place of ours, read and checked once, at the start. */
#pragma once

#include "app/mail/template.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* What they may take of the arena, in bytes. */
#define TEMPLATES_MEMORY ((size_t)2 * 1024 * 1024)

/* `<folder>/<language>/<letter>.{subject,txt,html}`; NULL when no folder is set. Entries that begin with a
 * dot are passed over. Refused: ERR_INPUT, and `*why` is "KYCD_MAIL_TEMPLATES: FILE:LINE sentence". */
enum err templates_read(
	struct str folder, struct arena *a, const struct templates **out, struct str *why) must_use;
