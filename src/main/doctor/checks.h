/* The checks of `kycd doctor`. Each one runs in a child process, so that a check that hangs or crashes does
 * not affect the others. A check reports one or more findings with doctor_report; no finding contains a
 * secret. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "domain/finding.h"
#include "main/config/config.h"

struct store;

/* Input of the checks. */
struct doctor_ctx {
	struct arena arena;
	const struct config_source *source;
	struct config config;
	struct raw_config *raw;
	struct refusals refusals; /* why `serve` would refuse the settings; empty if it accepts them */
	/* File descriptor of the pipe that sends the findings to the parent process. */
	int out;
};

/* Reports one finding in one line, which states what was found and what to do about it. */
void doctor_report(const struct doctor_ctx *ctx, enum finding finding, const char *format, ...)
	printf_like(3, 4);
/* Returns the path of the folder that contains the SQLite file. */
struct str doctor_database_folder(struct doctor_ctx *ctx);

/* Reports audit log entries whose time is in the future. doctor_check_clock calls this function. */
void doctor_check_row_times(struct doctor_ctx *ctx);

/* Opens the database. Returns NULL if it does not exist or has another schema, without a finding, because
 * doctor_check_database reports that; or if it cannot be opened, with a finding. */
struct store *doctor_open_current_store(struct doctor_ctx *ctx);
/* Reports when the certificate of the server at `url` expires. Returns false if the server presents none. */
bool doctor_report_certificate(struct doctor_ctx *ctx, struct str url);

/* main/doctor/check_machine */
void doctor_check_settings(struct doctor_ctx *ctx);
void doctor_check_descriptors(struct doctor_ctx *ctx);
void doctor_check_clock(struct doctor_ctx *ctx);
void doctor_check_disk(struct doctor_ctx *ctx);
/* main/doctor/check_rights */
void doctor_check_rights(struct doctor_ctx *ctx);
/* main/doctor/check_database */
void doctor_check_database(struct doctor_ctx *ctx);
void doctor_check_backup(struct doctor_ctx *ctx);
void doctor_check_key(struct doctor_ctx *ctx);
/* main/doctor/check_network */
void doctor_check_server(struct doctor_ctx *ctx);
void doctor_check_relay(struct doctor_ctx *ctx);
void doctor_check_relay_certificate(struct doctor_ctx *ctx);
void doctor_check_provider(struct doctor_ctx *ctx);
void doctor_check_provider_auth(struct doctor_ctx *ctx);
void doctor_check_provider_login(struct doctor_ctx *ctx);
void doctor_check_public_url(struct doctor_ctx *ctx);
/* main/doctor/check_console */
void doctor_check_console(struct doctor_ctx *ctx);
