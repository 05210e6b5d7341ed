/* Where the console is served (spec/pages-and-console.md 3). The host of its URL is the identity that
 * passkeys are bound to (the RP ID of WebAuthn), and its origin the only one from which forms are accepted.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "domain/site.h"
#include "main/config/values.h"

/* Returns NULL if `url` can be that of the console, else the form that it must have, worded to follow "must
 * be ". The result is static. */
const char *console_url_fault(struct str url);
/* Returns true if this server serves the console: on a listener of its own, or, in development mode, on the
 * public one. Development mode that is open to other machines (KYCD_DEV_OPEN=1) has no console. */
bool console_is_served(const struct config *config);
/* Writes the origin at which operators open the console, such as "https://console.example.com". Returns false
 * if there is none, because KYCD_CONSOLE_URL is not set or development mode has no console. */
bool console_origin(const struct config *config, char out[SITE_SIZE]) must_use;
/* Returns the host of an origin, without the port. */
struct str console_host(struct str origin);
