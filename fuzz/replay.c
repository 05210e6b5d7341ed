/* Main program for fuzz targets without libFuzzer. Runs a target with all files of the given folders,
 * complete and truncated to each length, so that each test run tests the seeds and the inputs found by
 * earlier fuzzing. Fails if the folders contain no files. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define TRUNCATE_MAX ((size_t)2048) /* longer files are not truncated, because that takes quadratic time */

/* Runs the target with a copy of exactly `size` bytes, so that ASan detects a read past the end. */
static void run_input(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int run_file(const char *folder, const char *name)
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

	for (size_t length = 0; size <= TRUNCATE_MAX && length < size; length++)
		run_input(bytes, length);
	run_input(bytes, size);
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
			files += run_file(argv[i], entry->d_name);
		closedir(folder);
	}
	printf("%d inputs replayed\n", files);
	return files ? EXIT_SUCCESS : EXIT_FAILURE;
}
