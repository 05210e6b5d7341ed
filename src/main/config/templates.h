/* Reads the folder of KYCD_MAIL_TEMPLATES: e-mail templates that replace the built-in ones. They are read and
 * checked once, at start. */
#pragma once

#include "app/mail/template.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Memory limit in bytes for all templates. */
#define TEMPLATES_MEMORY ((size_t)2 * 1024 * 1024)

/* Reads the files `<folder>/<language>/<template>.{subject,txt,html}`. Names that begin with a dot are
 * skipped. If `folder` is empty, `*out` is NULL. If a file or folder is refused, returns ERR_INPUT, and
 * `*why` is "KYCD_MAIL_TEMPLATES: …" with the path and, for an invalid template, the line. */
enum err templates_read(
	struct str folder, struct arena *a, const struct templates **out, struct str *why) must_use;
