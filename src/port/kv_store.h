/* Interface of a small persistent key-value store: bytes under a kind and a number, without queries. The
 * sandbox stores its state in one. Changes are made between begin and commit, and take effect together or not
 * at all. Thread-safe: one thread at a time is between begin and commit; others wait in begin. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct kv_store {
	const struct kv_store_ops *ops;
};

/* Receives one entry. The bytes belong to the store and are valid during the call. Returning a failure ends
 * the iteration. */
typedef enum err kv_visit(void *arg, int64_t key, struct str bytes);

struct kv_store_ops {
	/* Calls `found` for every entry of a kind, in the order of the keys. `kind` must be static text, here
	 * and in the operations below. */
	enum err (*each)(struct kv_store *kv, const char *kind, kv_visit *found, void *arg);
	void (*begin)(struct kv_store *kv);
	/* Adds or replaces an entry. Failures are returned by commit. */
	void (*put)(struct kv_store *kv, const char *kind, int64_t key, struct str bytes);
	/* Removes an entry, if there is one. Failures are returned by commit. */
	void (*drop)(struct kv_store *kv, const char *kind, int64_t key);
	/* Returns when the changes are safe even if the process is killed. On failure nothing has changed. */
	enum err (*commit)(struct kv_store *kv);
	void (*close)(struct kv_store *kv);
};
