/* Recognises environment variables that begin with KYCD_ but are no settings. Kubernetes and Docker describe
 * services and linked containers in variables that begin with the name of the service, so a service named
 * `kycd` or `kycd-db` leads to KYCD_SERVICE_HOST, KYCD_DB_PORT_5432_TCP_ADDR and others. Both the name and
 * the value must have the form that the platform writes. KYCD_PORT=8080, for example, does not have it. Such
 * a variable is a mistake of the operator and is refused like any unknown setting. */
#pragma once

#include <stdbool.h>

/* Returns true if the platform has set the variable. `entry` is "NAME=value". `environment` contains `entry`
 * and ends with NULL. */
bool variable_is_injected(const char *entry, char *const *environment);
