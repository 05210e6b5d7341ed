/* A template being looked at: its text with {names} in it, and what is wrong with it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum mail_kind {
	MAIL_CODE, /* proves the address */
	MAIL_LINK, /* joins a wallet to it */
	MAIL_KINDS
};
enum mail_part { MAIL_SUBJECT, MAIL_TEXT, MAIL_HTML, MAIL_PARTS };

struct template_fault {
	size_t line;	     /* from 1; what concerns the whole file is said of its first */
	struct str sentence; /* what is wrong and what is right; in the arena */
};

struct template_parser {
	enum mail_kind mail;
	struct str language; /* whose letter it is; empty: any */
	struct str text;
	struct arena *arena;
	struct template_fault *fault;
	size_t n_names; /* placeholders so far */
	uint32_t seen;	/* a bit for each of them */
};

/* Always ERR_INPUT; the fault is at the line of this byte. */
enum err template_fault_at(struct template_parser *r, size_t at, const char *format, ...) printf_like(3, 4);
/* So much of what stands there as a sentence may repeat: whole characters. */
struct str template_shown(struct str text);
/* Text between the bytes `from` and `to`, where {names} are filled in. */
enum err template_names(struct template_parser *r, size_t from, size_t to) must_use;
/* What every letter of this kind must name and the text has not named; NULL: nothing. */
const char *template_lacks(const struct template_parser *r);
