/* The settings of the provider (Didit): which API version is used, which settings that version needs, and
 * which values follow from others (interface.md 2). Settings that only another version uses are ignored. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "main/config/raw_config.h"
#include "main/config/values.h"

/* Path of the built-in sandbox on the public listener. */
#define SANDBOX_MOUNT "/sandbox/didit"
/* The workflow of the built-in sandbox that has all checks. */
#define SANDBOX_WORKFLOW "00000000-0000-4000-8000-000000000008"

/* True for v1, which needs a client id and a client secret and exchanges them for access tokens. v2 and v3
 * need an API key and a workflow id. */
bool didit_takes_tokens(const struct config *config);
/* Sets the version to v1 if no version is set and the credentials are those of v1. */
void didit_derive_version(struct config *config, struct raw_config *raw);
/* For development mode with the built-in sandbox: sets the base URLs to the address that this server listens
 * on, and the sandbox's credentials. */
enum err didit_derive_sandbox(struct config *config, struct raw_config *raw, struct arena *a) must_use;
/* What a session checks: in v1 the features (empty: the provider's default), in v2 and v3 the workflow id. */
struct str didit_checks(const struct config *config);

/* Rules of validate.c: each returns true if the setting is invalid. */
bool didit_client_id_missing(const struct config *config, struct raw_config *raw);
bool didit_client_secret_missing(const struct config *config, struct raw_config *raw);
bool didit_api_key_missing(const struct config *config, struct raw_config *raw);
bool didit_api_key_invalid(const struct config *config, struct raw_config *raw);
bool didit_workflow_missing(const struct config *config, struct raw_config *raw);
bool didit_workflow_invalid(const struct config *config, struct raw_config *raw);
