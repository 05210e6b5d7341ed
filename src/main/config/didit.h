/* The settings of the provider (Didit): which API version is used, which settings that version needs, and
 * which settings are derived from others (interface.md 2). Settings that only another version uses are
 * ignored. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "main/config/raw_config.h"
#include "main/config/values.h"

/* Path of the built-in sandbox on the public listener. */
#define SANDBOX_MOUNT "/sandbox/didit"
/* Id of the built-in sandbox's workflow that includes all checks. */
#define SANDBOX_WORKFLOW "00000000-0000-4000-8000-000000000008"

/* Returns true for API version v1, which needs a client id and a client secret and exchanges them for access
 * tokens. v2 and v3 need an API key and a workflow id instead. */
bool didit_takes_tokens(const struct config *config);
/* Sets the version to v1 if no version is set but the credentials of v1 are. */
void didit_derive_version(struct config *config, struct raw_config *raw);
/* Configures the built-in sandbox as the provider, for development mode: sets the base URLs to the address
 * that this server listens on, and the credentials to those of the sandbox. */
enum err didit_derive_sandbox(struct config *config, struct raw_config *raw, struct arena *a) must_use;
/* Returns what selects the checks of a session: for v1 the features (if empty, the provider uses its
 * default), for v2 and v3 the workflow id. */
struct str didit_checks(const struct config *config);

/* These functions are rules of validate.c. Each returns true if the setting in its name is missing or
 * invalid. */
bool didit_client_id_missing(const struct config *config, struct raw_config *raw);
bool didit_client_secret_missing(const struct config *config, struct raw_config *raw);
bool didit_api_key_missing(const struct config *config, struct raw_config *raw);
bool didit_api_key_invalid(const struct config *config, struct raw_config *raw);
bool didit_workflow_missing(const struct config *config, struct raw_config *raw);
bool didit_workflow_invalid(const struct config *config, struct raw_config *raw);
