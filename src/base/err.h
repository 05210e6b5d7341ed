/* Error codes: the closed list of reasons why a function failed. Decisions of the KYC rules are not errors
 * (they have enums of their own), and bugs are asserts. On failure, out-parameters are unchanged. Library
 * code does not log failures; the code that handles the request or job does. */
#pragma once

#include "base/attr.h"

enum err {
	OK = 0,
	ERR_INPUT,     /* the input is malformed or too large */
	ERR_NOT_FOUND, /* the object does not exist */
	ERR_CONFLICT,  /* the object exists already */
	ERR_BUSY,      /* a limit was reached; a retry later may succeed */
	ERR_UPSTREAM,  /* an external server failed */
	ERR_STORAGE,   /* the database or the disk failed */
	ERR_INTEGRITY, /* a stored row was changed by something else than kycd */
	ERR_INTERNAL,  /* the operating system failed, e.g. no memory or no randomness */
	ERR_COUNT
};

/* Returns from the calling function if `call` fails. No other macro of the project contains a return
 * statement. */
#define TRY(call)                                                                                            \
	do {                                                                                                 \
		const enum err try_err_ = (call);                                                            \
		if (try_err_ != OK)                                                                          \
			return try_err_;                                                                     \
	} while (0)

/* Name of the error for logs: lower-case letters and underscores, static text. */
const char *err_name(enum err e);
