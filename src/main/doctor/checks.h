/* The checks of `kycd doctor`. Each runs in a process of its own, so that one that hangs or crashes does not
 * stop the others. A check reports one or more findings; none of them contains a secret. */
#pragma once

#include "base/attr.h"
#include "main/config/config.h"

enum finding { FINDING_OK, FINDING_WARNING, FINDING_ERROR };

/* What the checks see. */
struct doctor_ctx {
	struct arena arena;
	const struct config_source *source;
	struct config config;
	struct raw_config *raw;
	struct str refusal; /* why `serve` would not start; empty: it would */
	int out;	    /* where findings go */
};

/* What was found, and what to do about it: one line. */
void doctor_report(const struct doctor_ctx *ctx, enum finding finding, const char *format, ...)
	printf_like(3, 4);
/* The folder that the database lies in, if it is a file; else the one we run in. */
struct str doctor_database_folder(struct doctor_ctx *ctx);

/* Part of the clock: the database's newest acts beside it. */
void doctor_check_row_times(struct doctor_ctx *ctx);

/* main/doctor/check_machine */
void doctor_check_settings(struct doctor_ctx *ctx);
void doctor_check_rights(struct doctor_ctx *ctx);
void doctor_check_descriptors(struct doctor_ctx *ctx);
void doctor_check_clock(struct doctor_ctx *ctx);
void doctor_check_disk(struct doctor_ctx *ctx);
/* main/doctor/check_database */
void doctor_check_database(struct doctor_ctx *ctx);
void doctor_check_key(struct doctor_ctx *ctx);
/* main/doctor/check_network */
void doctor_check_server(struct doctor_ctx *ctx);
void doctor_check_relay(struct doctor_ctx *ctx);
void doctor_check_relay_certificate(struct doctor_ctx *ctx);
void doctor_check_provider(struct doctor_ctx *ctx);
void doctor_check_provider_auth(struct doctor_ctx *ctx);
void doctor_check_provider_login(struct doctor_ctx *ctx);
void doctor_check_public_url(struct doctor_ctx *ctx);
