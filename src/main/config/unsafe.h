/* Judgements about settings that are well-formed but unsafe. main/config/validate refuses some of them,
 * main/config/warnings warns of the others; docs/operating.md has the table. */
#pragma once

#include <stdbool.h>

#include "main/config/raw_config.h"
#include "main/config/values.h"

/* All bytes of the master key are equal, count up or down, or repeat a shorter pattern. */
bool secret_key_is_pattern(const struct config *config, struct raw_config *raw);
/* The public listener can be reached from other machines, and no TLS proxy in front of it is known. */
bool listen_lacks_tls(const struct config *config, struct raw_config *raw);
/* The connection to PostgreSQL on another machine is or may be unencrypted by its own setting. With
 * KYCD_ALLOW_WEAK=1 this is allowed to private addresses and to names. */
bool database_is_plain(const struct config *config, struct raw_config *raw);
/* The certificate of PostgreSQL on another machine is not verified. */
bool database_is_unverified(const struct config *config, struct raw_config *raw);
/* A network of proxies is larger than any private network. */
bool proxies_are_broad(const struct config *config, struct raw_config *raw);
/* People return from the provider over plain http. */
bool callback_url_is_plain(const struct config *config, struct raw_config *raw);
/* KYCD_DEV_OPEN=1 without --dev. */
bool dev_open_is_ignored(const struct config *config, struct raw_config *raw);
