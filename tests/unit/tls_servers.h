/* Starts a Python script with test servers, one for each certificate of tls_certificates.py. The script gets
 * a folder for its files, prints a line per server, and ends when its standard input is closed. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

struct tls_servers {
	char folder[64], ca_file[80];
	pid_t pid;
	FILE *output;
	int input; /* closing it ends the process */
};

/* `script` is in the folder of the test's source file `test`. */
static inline void tls_servers_start(struct tls_servers *servers, const char *test, const char *script)
{
	const char *const slash = strrchr(test, '/');
	int to_servers[2], from_servers[2];
	char path[1024];

	snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - test), test, script);
	snprintf(servers->folder, sizeof(servers->folder), "/tmp/kycd-tls-XXXXXX");
	assert_non_null(mkdtemp(servers->folder));
	snprintf(servers->ca_file, sizeof(servers->ca_file), "%s/ca.pem", servers->folder);
	assert_int_equal(pipe(to_servers), 0);
	assert_int_equal(pipe(from_servers), 0);
	servers->pid = fork();
	assert_true(servers->pid >= 0);
	if (servers->pid == 0) {
		dup2(to_servers[0], STDIN_FILENO);
		dup2(from_servers[1], STDOUT_FILENO);
		close(to_servers[1]);
		close(from_servers[0]);
		execlp("python3", "python3", path, servers->folder, (char *)NULL);
		_exit(127);
	}
	close(to_servers[0]);
	close(from_servers[1]);
	servers->input = to_servers[1];
	servers->output = fdopen(from_servers[0], "r");
	assert_non_null(servers->output);
}

/* Returns 0. */
static inline int tls_servers_stop(struct tls_servers *servers)
{
	char command[128];
	int status;

	close(servers->input);
	fclose(servers->output);
	waitpid(servers->pid, &status, 0);
	snprintf(command, sizeof(command), "rm -r '%s'", servers->folder);
	return system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) the path is from mkdtemp */
}
