/* Interface of a small persistent key-value store: stores bytes under a kind and a number, and has no
 * queries. The sandbox stores its state in one. Changes are made between begin and commit, and take effect
 * together or not at all. Thread-safe: only one thread at a time is between begin and commit; other threads
 * wait in begin. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct kv_store {
	const struct kv_store_ops *ops;
};

/* Called with one entry. The bytes belong to the store and are valid during the call. If the callback returns
 * a failure, the iteration ends. */
typedef enum err kv_visit(void *arg, int64_t key, struct str bytes);

struct kv_store_ops {
	/* Calls `found` for every entry of a kind, in the order of the keys. In this and the following
	 * operations, `kind` must be static text. */
	enum err (*each)(struct kv_store *kv, const char *kind, kv_visit *found, void *arg);
	void (*begin)(struct kv_store *kv);
	/* Adds or replaces an entry. Failures are returned by commit. */
	void (*put)(struct kv_store *kv, const char *kind, int64_t key, struct str bytes);
	/* Removes an entry if it exists. Failures are returned by commit. */
	void (*drop)(struct kv_store *kv, const char *kind, int64_t key);
	/* Returns when the changes cannot be lost even if the process is killed. After a failure nothing has
	 * changed. */
	enum err (*commit)(struct kv_store *kv);
	void (*close)(struct kv_store *kv);
};
