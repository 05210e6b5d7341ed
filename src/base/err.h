/* Why something could not be done: a short closed list. What the rules decided (a verdict) is never in it,
 * and a bug is an assert. Out-parameters are untouched on failure. Library code never logs a failure; who
 * answers does. */
#pragma once

#include "base/attr.h"

enum err {
	OK = 0,
	ERR_INPUT,     /* what came in is not of the form it must have, or too large */
	ERR_NOT_FOUND, /* there is no such thing */
	ERR_CONFLICT,  /* there is one already */
	ERR_BUSY,      /* a bound was reached; trying again later may help */
	ERR_UPSTREAM,  /* somebody else's server failed us */
	ERR_STORAGE,   /* the database or the disk failed */
	ERR_INTERNAL,  /* the system failed us: no memory, no randomness */
	ERR_COUNT
};

/* Hands a failure on to the caller. The only macro in the house that hides a return. */
#define TRY(call)                                                                                            \
	do {                                                                                                 \
		const enum err try_err_ = (call);                                                            \
		if (try_err_ != OK)                                                                          \
			return try_err_;                                                                     \
	} while (0)

/* The failure as one lower-case word, for logs. Static text. */
const char *err_name(enum err e);
