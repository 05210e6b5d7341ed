/* Functions that each detect one unsafe combination of settings that are valid by themselves.
 * main/config/validate refuses some of these combinations, main/config/warnings warns of the others;
 * docs/operating.md has the table. */
#pragma once

#include <stdbool.h>

#include "main/config/raw_config.h"
#include "main/config/values.h"

/* Returns true if all bytes of the master key are equal. */
bool secret_key_is_constant(const struct config *config, struct raw_config *raw);
/* Returns true if the bytes of the master key count up or down, or repeat a pattern of up to eight bytes. */
bool secret_key_is_pattern(const struct config *config, struct raw_config *raw);
/* Returns true if the public listener can be reached from other machines, and the settings name no TLS proxy
 * in front of it. */
bool listen_lacks_tls(const struct config *config, struct raw_config *raw);
/* Returns true if the console's listener can be reached from other machines, and the settings name no proxy
 * in front of it. */
bool console_listen_lacks_tls(const struct config *config, struct raw_config *raw);
/* Returns true if the console has the host of the public pages, and so shares the browser's cookies and
 * passkeys with them. */
bool console_shares_host(const struct config *config, struct raw_config *raw);
/* Returns true if PostgreSQL is on another machine and sslmode allows an unencrypted connection.
 * KYCD_ALLOW_WEAK=1 permits this for private addresses and host names. */
bool database_is_plain(const struct config *config, struct raw_config *raw);
/* Returns true if PostgreSQL is on another machine and its certificate is not verified. */
bool database_is_unverified(const struct config *config, struct raw_config *raw);
/* Returns true if a trusted network of proxies is larger than the largest private networks. */
bool proxies_are_broad(const struct config *config, struct raw_config *raw);
/* Returns true if people return from the provider over plain http. */
bool callback_url_is_plain(const struct config *config, struct raw_config *raw);
/* KYCD_DEV_OPEN=1 without --dev. */
bool dev_open_is_ignored(const struct config *config, struct raw_config *raw);
