#include "main/daemon/master_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "main/platform/system_clock.h"
#include "text/encode.h"

#define DEV_FOLDER "var"
#define DEV_FILE MASTER_KEY_DEV_FILE
#define TEXT_MAX 64

/* Prints `what` and the description of errno. Always returns false. */
static bool dev_key_fail(const char *what)
{
	fprintf(stderr, "kycd: " DEV_FILE " %s (%s)\n", what, strerror(errno));
	return false;
}

static bool write_dev_key(const struct secret_key *key)
{
	struct arena a;
	struct str text;
	bool written = false;

	arena_init(&a, 4096);
	const int fd = open(DEV_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		written = base64_write(&a, key->bytes, sizeof(key->bytes), &text) == OK &&
			  write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
		close(fd);
	}
	arena_finish(&a);
	return written || dev_key_fail("cannot be written");
}

static bool create_dev_key(struct secret_key *out)
{
	struct random *const random = system_random();

	if (mkdir(DEV_FOLDER, 0700) != 0 && errno != EEXIST)
		return dev_key_fail("cannot be created: its folder cannot be created");
	if (random->ops->fill(random, out->bytes, sizeof(out->bytes)) != OK)
		return dev_key_fail("cannot be created: the system returns no random bytes");
	return write_dev_key(out);
}

static bool read_dev_key(struct secret_key *out)
{
	char text[TEXT_MAX];
	const int fd = open(DEV_FILE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? create_dev_key(out) : dev_key_fail("cannot be read");
	const ssize_t n = read(fd, text, sizeof(text));
	close(fd);
	const bool valid = n > 0 && base64_read(str_trim((struct str){ text, (size_t)n }), out->bytes,
					    sizeof(out->bytes));
	secure_wipe(text, sizeof(text));
	if (!valid)
		fprintf(stderr,
			"kycd: " DEV_FILE
			" is invalid, it must be 32 bytes in base64: remove it together with the development database\n");
	return valid;
}

bool master_key_read(const struct config *config, struct secret_key *out)
{
	if (config->secret_key.n == 0 && config->dev)
		return read_dev_key(out);
	return base64_read(config->secret_key, out->bytes, sizeof(out->bytes));
}

bool master_key_print(bool json)
{
	struct random *const random = system_random();
	struct secret_key key cleanup_with(secret_key_wipe) = { { 0 } };
	struct arena a;
	struct str text;

	if (random->ops->fill(random, key.bytes, sizeof(key.bytes)) != OK) {
		fprintf(stderr, "kycd: the system returns no random bytes (getrandom)\n");
		return false;
	}
	arena_init(&a, 4096);
	const bool written = base64_write(&a, key.bytes, sizeof(key.bytes), &text) == OK;
	if (written)
		printf(json ? "{\"secret\":\"%.*s\"}\n" : "%.*s\n", STR_ARG(text));
	arena_finish(&a);
	return written;
}
