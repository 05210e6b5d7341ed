/* Feeds a fuzz target the files of the folders it is given, whole and cut at every length: what fuzzing once
 * found, and what its seeds cover, is tested without libFuzzer. An empty folder is a failure: nothing was
 * tested. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define CUT_MAX ((size_t)2048) /* longer files are fed whole only: cutting is quadratic */

/* A block of exactly `size` bytes, so that ASan sees the first byte read behind it. */
static void feed(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact)
		abort();
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static int feed_file(const char *folder, const char *name)
{
	static uint8_t bytes[FILE_MAX];
	char path[4096];
	struct stat st;

	const int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (n < 0 || (size_t)n >= sizeof(path) || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	FILE *const file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	const size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);

	for (size_t cut = 0; size <= CUT_MAX && cut < size; cut++)
		feed(bytes, cut);
	feed(bytes, size);
	return 1;
}

int main(int argc, char **argv)
{
	int files = 0;

	for (int i = 1; i < argc; i++) {
		DIR *const folder = opendir(argv[i]);
		if (!folder) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
		for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
			files += feed_file(argv[i], entry->d_name);
		closedir(folder);
	}
	printf("%d inputs replayed\n", files);
	return files ? EXIT_SUCCESS : EXIT_FAILURE;
}
