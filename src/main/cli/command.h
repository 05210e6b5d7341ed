/* One command of the program: its words, its options, what it needs, what it does. */
#pragma once

#include <stdbool.h>

#include "main/cli/args.h"
#include "main/daemon/compose.h"
#include "main/platform/process.h"

struct command {
	const char *name, *verb; /* "tenant", "add"; verb NULL: there is none */
	const char *usage;	 /* what follows the words */
	const char *summary;	 /* one line */
	struct option options[ARGS_OPTIONS];
	size_t min_words, max_words;
	enum exit_code (*run)(
		const struct command *command, const struct args *args, const struct config_source *source);
};

/* Settings and store for a command that needs no more; NULL: stderr has been told. The house is the caller's.
 */
bool command_open(struct runtime *runtime, const struct config_source *source);
/* Settings only, with what the command says it needs of them; only house->arena is to be finished then. */
bool command_settings(struct runtime *runtime, const struct config_source *source, enum config_need need);
/* One sentence on stderr: what, and where the store failed why and what to do; EXIT_FAILED. */
enum exit_code command_failed(const char *what, enum err e);

enum exit_code run_serve(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_sandbox(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_tenant_add(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_tenant_set(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_tenant_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_key_create(
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
enum exit_code run_audit_list(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_states(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_openapi(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_version(
	const struct command *c, const struct args *args, const struct config_source *source);
enum exit_code run_doctor(
	const struct command *c, const struct args *args, const struct config_source *source);
