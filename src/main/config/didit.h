/* The provider's settings: which version, what it needs, and what follows from that (interface.md 2).
 * Settings of another version are ignored. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "main/config/raw_config.h"
#include "main/config/values.h"

/* The API below which the built-in sandbox is mounted: "/sandbox/didit". */
#define SANDBOX_MOUNT "/sandbox/didit"
/* The full workflow of the built-in sandbox. */
#define SANDBOX_WORKFLOW "00000000-0000-4000-8000-000000000008"

/* v1 needs a client id and a secret, the later ones an API key and a workflow. */
bool didit_takes_tokens(const struct config *config);
/* The version that the credentials speak of, where none is set. */
void didit_derive_version(struct config *config, struct raw_config *raw);
/* In --dev the program calls its sandbox over the address that it listens on. */
enum err didit_derive_sandbox(struct config *config, struct raw_config *raw, struct arena *a) must_use;
/* What a session checks: v1 features (empty: the provider's default), else the workflow. */
struct str didit_checks(const struct config *config);

/* Rules of config_rules.c; true when they are broken. */
bool didit_no_client_id(const struct config *config, struct raw_config *raw);
bool didit_no_client_secret(const struct config *config, struct raw_config *raw);
bool didit_no_api_key(const struct config *config, struct raw_config *raw);
bool didit_bad_api_key(const struct config *config, struct raw_config *raw);
bool didit_no_workflow(const struct config *config, struct raw_config *raw);
bool didit_bad_workflow(const struct config *config, struct raw_config *raw);
