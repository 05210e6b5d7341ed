/* The self-check of an installation: a table of checks, each in a process of its own, so that one that hangs
 * or falls takes nothing else with it. A check says one or more findings; none of them holds a secret. */
#pragma once

#include "base/attr.h"
#include "main/config.h"

enum finding { FINDING_OK, FINDING_NOTE, FINDING_WRONG };

/* What the checks see. */
struct exam {
	struct arena arena;
	const struct config_source *source;
	struct config config;
	struct loaded_config *loaded;
	struct str refusal; /* why `serve` would not start; empty: it would */
	int out;	    /* where findings go */
};

/* What was found, and what to do about it: one line. */
void exam_say(const struct exam *exam, enum finding finding, const char *format, ...) printf_like(3, 4);
/* The folder that the database lies in, if it is a file; else the one we run in. */
struct str exam_folder(struct exam *exam);

/* Part of the clock: the database's newest acts beside it. */
void exam_rows(struct exam *exam);

/* main/doctor_machine */
void check_settings(struct exam *exam);
void check_rights(struct exam *exam);
void check_descriptors(struct exam *exam);
void check_clock(struct exam *exam);
void check_disk(struct exam *exam);
/* main/doctor_database */
void check_database(struct exam *exam);
void check_key(struct exam *exam);
/* main/doctor_network */
void check_server(struct exam *exam);
void check_relay(struct exam *exam);
void check_relay_certificate(struct exam *exam);
void check_provider(struct exam *exam);
void check_provider_auth(struct exam *exam);
void check_provider_login(struct exam *exam);
void check_public_url(struct exam *exam);
