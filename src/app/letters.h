/* What letters say: effect → subject, text and HTML. One catalogue, by language; English for now. The first
 * words are the code, and no other six digits stand in a row anywhere. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "domain/effect.h"
#include "port/mailer.h"

struct code_letter {
	const struct effect *effect;
	struct str to, code;
	struct str brand;    /* display name of the tenant, else the brand */
	struct str language; /* as asked for; the nearest is taken */
	struct str host;     /* right side of the Message-ID */
	span life;
	bool sandbox;
};

/* Texts live in the arena. */
enum err letters_code(const struct code_letter *from, struct arena *a, struct letter *out) must_use;
