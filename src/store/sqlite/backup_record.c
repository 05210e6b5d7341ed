#include "store/sqlite/backup_record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

/* Longer reasons are cut. */
#define REASON_MAX 400
#define RECORD_MAX (MOMENT_RFC3339_SIZE + REASON_MAX + 2)

static const char last_suffix[] = ".last-backup", failed_suffix[] = ".failed-backup";

static enum err write_record(const struct sqlite_file *f, const char *suffix, struct str text)
{
	const struct str path = arena_printf(f->arena, "%s%s", f->path, suffix);
	int fd;

	if (path.p == NULL || text.p == NULL)
		return ERR_INTERNAL;
	fd = open(path.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_STORAGE;
	sqlite_file_share_owner(f, fd);
	const bool written = write(fd, text.p, text.n) == (ssize_t)text.n;
	(void)close(fd);
	return written ? OK : ERR_STORAGE;
}

enum err sqlite_backup_record_success(const struct sqlite_file *f, moment at, int64_t bytes, int64_t ms)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(at, text);
	return write_record(
		f, last_suffix, arena_printf(f->arena, "%s %" PRId64 " %" PRId64 "\n", text, bytes, ms));
}

enum err sqlite_backup_record_failure(const struct sqlite_file *f, moment at, struct str reason)
{
	char text[MOMENT_RFC3339_SIZE];
	const int n = reason.n < REASON_MAX ? (int)reason.n : REASON_MAX;

	moment_rfc3339(at, text);
	return write_record(f, failed_suffix, arena_printf(f->arena, "%s %.*s\n", text, n, reason.p));
}

/* Reads a record. Sets `at` to its time, or to 0, and returns the text that follows the time. */
static struct str read_record(const struct sqlite_file *f, const char *suffix, moment *at)
{
	const struct str path = arena_printf(f->arena, "%s%s", f->path, suffix);
	const int fd = path.p != NULL ? open(path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	char bytes[RECORD_MAX];
	struct str text, word;

	*at = (moment){ 0 };
	if (fd < 0)
		return STR("");
	const ssize_t n = read(fd, bytes, sizeof(bytes));
	(void)close(fd);
	text = str_trim((struct str){ bytes, n > 0 ? (size_t)n : 0 });
	(void)str_cut(&text, ' ', &word);
	return moment_parse(word, at) ? arena_copy(f->arena, text) : STR("");
}

void sqlite_backup_history(const struct sqlite_file *f, struct backup_history *out)
{
	struct str numbers, bytes;

	*out = (struct backup_history){ .failure = STR("") };
	numbers = read_record(f, last_suffix, &out->last_at);
	(void)str_cut(&numbers, ' ', &bytes);
	if (!str_number(bytes, INT64_MAX, &out->bytes) || !str_number(numbers, INT64_MAX, &out->ms))
		out->bytes = out->ms = 0;
	out->failure = read_record(f, failed_suffix, &out->failed_at);
}
