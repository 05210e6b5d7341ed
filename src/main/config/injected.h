/* Environment variables that begin with KYCD_ but are no settings: Kubernetes and Docker describe services
 * and linked containers in variables that begin with their name, so that a service named `kycd` or `kycd-db`
 * produces KYCD_SERVICE_HOST, KYCD_DB_PORT_5432_TCP_ADDR and others. Name and value must both have the form
 * that the platform writes: KYCD_PORT=8080 is a mistake of the operator and is refused like any unknown
 * setting. */
#pragma once

#include <stdbool.h>

/* `entry` is "NAME=value"; `environment` contains it and ends with NULL. */
bool variable_is_injected(const char *entry, char *const *environment);
