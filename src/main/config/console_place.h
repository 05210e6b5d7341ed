/* Whether and where this server serves the console. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "domain/site.h"
#include "main/config/values.h"

/* Returns true if this server serves the console: on a listener of its own, or, in development mode, on the
 * public one. Development mode that is open to other machines (KYCD_DEV_OPEN=1) has no console. */
bool console_is_served(const struct config *config);
/* Writes the origin at which operators open the console, such as "https://console.example.com". Returns false
 * if there is none, because KYCD_CONSOLE_URL is not set or development mode has no console. */
bool console_origin(const struct config *config, char out[SITE_SIZE]) must_use;
