/* A shelf: bytes by kind and number that outlast the program, for who keeps few things and has no questions
 * about them. Changes stand between begin and commit, all of them or none; one thread at a time is there,
 * and others wait at begin. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct shelf {
	const struct shelf_ops *ops;
};

/* Gets one thing; the bytes are the shelf's and valid during the call. A failure ends the look. */
typedef enum err shelf_found(void *arg, int64_t key, struct str bytes);

struct shelf_ops {
	/* All of a kind, in the order of their keys; `kind` is static text, here and below. */
	enum err (*each)(struct shelf *shelf, const char *kind, shelf_found *found, void *arg);
	void (*begin)(struct shelf *shelf);
	/* Takes the place of what is there. What fails is said by the commit. */
	void (*put)(struct shelf *shelf, const char *kind, int64_t key, struct str bytes);
	/* Fine when there is none. */
	void (*drop)(struct shelf *shelf, const char *kind, int64_t key);
	/* Returns when a program that is killed loses nothing of it. On failure nothing was changed. */
	enum err (*commit)(struct shelf *shelf);
	void (*close)(struct shelf *shelf);
};
