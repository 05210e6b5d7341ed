/* Generates ids and tokens in the formats that Didit uses. Each function returns the error of the random
 * source if that fails. All outputs end with a NUL byte. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "port/world.h"

/* The id of the sandbox's only application, and of the only organization, to which the application belongs.
 */
#define SANDBOX_APPLICATION "00000000-0000-4000-8000-000000000001"

/* Generates a UUID of version 4 (RFC 9562 section 5.4) in lower case. */
enum err uuid_make(struct random *random, char out[37]) must_use;
/* 12 characters out of 0-9A-Za-z. */
enum err session_token_make(struct random *random, char out[13]) must_use;
/* 64 hex digits. */
#define ACCESS_TOKEN_SIZE 65
enum err access_token_make(struct random *random, char out[ACCESS_TOKEN_SIZE]) must_use;
/* Size of a webhook secret: 43 characters of the URL-safe base64 alphabet, as in Didit's secrets, and a NUL
 * byte. */
#define WEBHOOK_SECRET_SIZE 44
enum err webhook_secret_make(struct random *random, char out[WEBHOOK_SECRET_SIZE]) must_use;
