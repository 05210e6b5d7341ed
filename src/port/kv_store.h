/* A shelf: bytes by kind and number that outlast the program, for who keeps few things and has no questions
 * about them. Changes stand between begin and commit, all of them or none; one thread at a time is there,
 * and others wait at begin. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct kv_store {
	const struct kv_store_ops *ops;
};

/* Gets one thing; the bytes are the shelf's and valid during the call. A failure ends the look. */
typedef enum err kv_visit(void *arg, int64_t key, struct str bytes);

struct kv_store_ops {
	/* All of a kind, in the order of their keys; `kind` is static text, here and below. */
	enum err (*each)(struct kv_store *kv, const char *kind, kv_visit *found, void *arg);
	void (*begin)(struct kv_store *kv);
	/* Takes the place of what is there. What fails is said by the commit. */
	void (*put)(struct kv_store *kv, const char *kind, int64_t key, struct str bytes);
	/* Fine when there is none. */
	void (*drop)(struct kv_store *kv, const char *kind, int64_t key);
	/* Returns when a program that is killed loses nothing of it. On failure nothing was changed. */
	enum err (*commit)(struct kv_store *kv);
	void (*close)(struct kv_store *kv);
};
