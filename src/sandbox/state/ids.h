/* Ids and tokens as Didit gives them, from the random source. Failures are the source's. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "port/world.h"

/* Version 4, RFC 9562 section 5.4; lower case, 0-terminated: 37 bytes. */
enum err uuid_make(struct random *random, char out[37]) must_use;
/* 12 of 0-9A-Za-z, and the final 0. */
enum err session_token_make(struct random *random, char out[13]) must_use;
/* 64 hex digits, and the final 0. */
#define ACCESS_TOKEN_SIZE 65
enum err access_token_make(struct random *random, char out[ACCESS_TOKEN_SIZE]) must_use;
/* 43 of base64's URL alphabet, as Didit's are, and the final 0. */
#define WEBHOOK_SECRET_SIZE 44
enum err webhook_secret_make(struct random *random, char out[WEBHOOK_SECRET_SIZE]) must_use;
