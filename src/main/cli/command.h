/* The table row of a command, functions that several commands use, and the functions that implement the
 * commands. */
#pragma once

#include <stdbool.h>

#include "main/cli/args.h"
#include "main/daemon/compose.h"
#include "main/platform/process.h"

struct command {
	/* For example "tenant" and "add"; the verb is NULL if the command has one word. */
	const char *name, *verb;
	const char *usage;   /* arguments and options, for --help */
	const char *summary; /* one sentence, for --help */
	struct option options[ARGS_OPTIONS];
	size_t min_words, max_words;
	enum exit_code (*run)(
		const struct command *command, const struct args *args, const struct config_source *source);
};

/* Loads the settings and opens the store. On failure prints one line on stderr and returns false. The caller
 * calls compose_down after success and after failure. */
bool command_open(struct runtime *runtime, const struct config_source *source);
/* Loads the settings and validates those that `need` names, without opening anything. On failure prints one
 * line on stderr and returns false. After success and after failure, the caller finishes runtime->arena and
 * nothing else. */
bool command_settings(struct runtime *runtime, const struct config_source *source, enum config_need need);
/* Prints `what` on stderr. If `e` is a failure of the store, also prints its cause and the action to take.
 * Returns EXIT_FAILED. */
enum exit_code command_failed(const char *what, enum err e);

enum exit_code run_serve(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_sandbox(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_tenant_add(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_tenant_set(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_tenant_rename(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_tenant_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_key_create(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_key_set(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_key_rotate(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_key_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_key_revoke(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_secret_generate(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_db_migrate(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_db_check(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_db_backup(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_db_copy(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_config_check(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_config_show(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_routes(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_user_show(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_user_reset_tries(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_user_erase(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_event_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_event_show(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_audit_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_add(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_show(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_rotate_secret(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_enable(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_disable(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_remove(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_endpoint_test(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_event_resend(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_operator_add(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_operator_link(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_operator_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_operator_disable(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_states(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_openapi(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_version(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_doctor(
	const struct command *c, const struct args *args, const struct config_source *source);
