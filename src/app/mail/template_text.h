/* The text of a template that is being checked, with its {placeholders}, and the fault that the check found
 * in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum mail_kind {
	MAIL_CODE,		/* carries a code that verifies the address */
	MAIL_LINK,		/* carries a code that links a wallet to the address */
	MAIL_VERIFICATION_LINK, /* carries a link to the verification pages */
	MAIL_KINDS
};
enum mail_part { MAIL_SUBJECT, MAIL_TEXT, MAIL_HTML, MAIL_PARTS };

struct template_fault {
	size_t line;	     /* number of the line, from 1; it is also 1 for faults of the whole file */
	struct str sentence; /* what is wrong and how to fix it; the text is in the arena */
};

struct template_parser {
	enum mail_kind mail;
	struct str language; /* the language of the template; empty: any language */
	struct str text;
	struct arena *arena;
	struct template_fault *fault;
	size_t n_placeholders; /* number of placeholders found so far */
	bool has_link;	       /* <a href="{url}"> was found */
	uint32_t seen;	       /* has a bit for each placeholder; set if it was found */
};

/* Sets the fault and the number of the line that contains byte `at`. Always returns ERR_INPUT. */
enum err template_fault_at(struct template_parser *parser, size_t at, const char *format, ...)
	printf_like(3, 4);
/* Returns the beginning of `text` for an error message: at most 32 bytes, without splitting a character. */
struct str template_excerpt(struct str text);
/* Checks the text from byte `from` up to `to`: every brace must be part of a known placeholder. */
enum err template_check_placeholders(struct template_parser *parser, size_t from, size_t to) must_use;
/* Counts a placeholder that was found outside of running text. */
void template_count_placeholder(struct template_parser *parser, struct str name);
/* Returns a placeholder that this e-mail must contain and that was not found; NULL if none is missing. */
const char *template_missing_placeholder(const struct template_parser *parser);
