/* What one setting alone cannot tell: what --dev chooses, what follows from others, what together is unsafe.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/values.h"

/* What a command needs to be set and right. */
enum config_need { NEED_NOTHING, NEED_STORE /* database and master key */, NEED_ALL };

enum origin { ORIGIN_DEFAULT, ORIGIN_DEV, ORIGIN_FILE, ORIGIN_ENVIRONMENT };

#define SETTINGS_MAX 64

struct loaded_value {
	struct str text;
	enum origin origin;
	bool is_file;	 /* by NAME_FILE */
	struct str path; /* then: of that file */
};

struct loaded_config {
	struct loaded_value values[SETTINGS_MAX];
};

struct loaded_value *config_value(struct loaded_config *loaded, const char *name);
/* Set by somebody, be it to nothing. */
bool config_is_set(struct loaded_config *loaded, const char *name);
/* Always ERR_INPUT; `*why` is "KYCD_NAME sentence". */
enum err config_refuse(struct arena *a, struct str *why, const char *name, const char *sentence);

/* What --dev chooses where nothing is set. */
void config_dev(struct loaded_config *loaded);
/* What follows from others: the public URL, the callback, the hosts. */
enum err config_derive(struct config *config, struct loaded_config *loaded, struct arena *a) must_use;
enum err config_judge(const struct config *config, struct loaded_config *loaded, enum config_need need,
	struct arena *a, struct str *why) must_use;
/* --dev, and nothing names a real provider. */
bool config_uses_sandbox(const struct config *config, struct loaded_config *loaded);
/* The address that is listened on, as a URL. One that stands for all of this machine's is called by loopback.
 */
struct str config_own_url(struct arena *a, struct str listen);
/* The API below which the built-in sandbox is mounted: "/sandbox/didit". */
#define SANDBOX_MOUNT "/sandbox/didit"
