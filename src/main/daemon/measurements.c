#include "main/daemon/measurements.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "base/lock.h"
#include "base/metrics.h"
#include "main/daemon/database.h"
#include "main/platform/system_clock.h"
#include "net/host_scope.h"
#include "net/probe.h"
#include "store/sqlite/store.h"

#define ROUND_EVERY seconds(10)
#define CERTIFICATES_EVERY_ROUNDS 360
#define CERTIFICATE_LIMIT seconds(3)

struct measurements {
	const struct config *config;
	struct lock lock;
	struct cond stopped;
	bool stopping; /* protected by the lock */
	struct thread thread;
	struct arena arena; /* used only by the thread, and by measurements_start before the thread starts */
};

static bool is_stopping(struct measurements *m)
{
	lock_acquire(&m->lock);
	const bool stopping = m->stopping;
	lock_release(&m->lock);
	return stopping;
}

/* Waits until the next round. Returns false when the thread must end. */
static bool wait_for_next_round(struct measurements *m)
{
	lock_acquire(&m->lock);
	if (!m->stopping)
		(void)cond_wait_for(&m->stopped, &m->lock, ROUND_EVERY);
	const bool running = !m->stopping;
	lock_release(&m->lock);
	return running;
}

/* Returns the folder of the database. statvfs is called on the folder, because it exists even while the file
 * is being replaced. */
static struct str folder_of(struct str path, struct arena *a)
{
	size_t end = path.n;

	while (end > 0 && path.p[end - 1] != '/')
		end--;
	return end == 0 ? STR(".") : arena_copy(a, (struct str){ path.p, end });
}

static void measure_disk(struct measurements *m, struct str path)
{
	const struct str folder = folder_of(path, &m->arena);
	struct statvfs s;

	if (folder.p != NULL && statvfs(folder.p, &s) == 0)
		metric_set(METRIC_DISK_FREE, (int64_t)((uint64_t)s.f_bavail * s.f_frsize));
	else
		metric_unset(METRIC_DISK_FREE, 0);
}

/* Measures the age of the last backup. If the clock was set back since the backup, the age is 0. */
static void measure_backup(struct measurements *m, struct str path)
{
	struct backup_history backups;

	sqlite_store_backups(path, &m->arena, &backups);
	const int64_t age_ms = moment_diff(backups.last_at, system_now()).ms;
	if (moment_is_unset(backups.last_at))
		metric_unset(METRIC_BACKUP_AGE, 0);
	else
		metric_set(METRIC_BACKUP_AGE, age_ms > 0 ? age_ms / 1000 : 0);
}

static void measure_files(struct measurements *m)
{
	const struct str path = database_path(m->config);

	if (!database_is_file(m->config))
		return;
	measure_disk(m, path);
	measure_backup(m, path);
}

/* The settings whose URLs may have a certificate, and their label values in the metric. */
static const struct {
	const char *label;
	size_t member; /* offset of the setting's member in struct config */
} targets[] = {
	{ "public_url", offsetof(struct config, public_url) },
	{ "smtp_url", offsetof(struct config, smtp_url) },
	{ "didit_base_url", offsetof(struct config, didit_base_url) },
	{ "didit_auth_url", offsetof(struct config, didit_auth_url) },
};

static struct str target_url(const struct measurements *m, size_t i)
{
	return *(const struct str *)(const void *)((const char *)m->config + targets[i].member);
}

/* Returns whether the mail server is on this machine. Such a server is used without TLS. */
static bool is_local_mail_server(struct str url)
{
	struct str rest = url, host;

	if (!str_starts(url, STR("smtp://")))
		return false;
	rest = str_from(rest, 7);
	while (str_has(rest, '@'))
		(void)str_cut(&rest, '@', &host);
	(void)str_cut(&rest, ':', &host);
	return host_scope_of(host) == HOST_SCOPE_LOOPBACK;
}

/* Measures how long the certificate of a URL is valid. The metric has no value if the URL has no certificate
 * or the server cannot be reached. */
static void measure_certificate(struct measurements *m, size_t i)
{
	const struct str url = target_url(m, i);
	moment expires_at = { 0 };

	if (url.n == 0 || is_local_mail_server(url) ||
		probe_certificate(url, CERTIFICATE_LIMIT, &expires_at) != OK)
		metric_unset(METRIC_CERTIFICATE, i);
	else
		metric_set_at(METRIC_CERTIFICATE, i, moment_diff(system_now(), expires_at).ms / days(1).ms);
}

static void run_measurements(void *arg)
{
	struct measurements *const m = arg;
	unsigned long round = 0;

	do {
		for (size_t i = 0; round % CERTIFICATES_EVERY_ROUNDS == 0 && i < array_len(targets); i++)
			if (!is_stopping(m))
				measure_certificate(m, i);
		arena_reset(&m->arena);
		measure_files(m);
		round++;
	} while (wait_for_next_round(m));
}

enum err measurements_start(const struct config *config, struct measurements **out)
{
	struct measurements *const m = calloc(1, sizeof(*m));

	if (m == NULL)
		return ERR_INTERNAL;
	m->config = config;
	lock_init(&m->lock);
	cond_init(&m->stopped);
	arena_init(&m->arena, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(targets); i++)
		metric_label(METRIC_CERTIFICATE, 0, i, targets[i].label);
	measure_files(m);
	const enum err e = thread_start(&m->thread, run_measurements, m);
	if (e != OK) {
		measurements_stop(m);
		return e;
	}
	*out = m;
	return OK;
}

void measurements_stop(struct measurements *m)
{
	if (m == NULL)
		return;
	lock_acquire(&m->lock);
	m->stopping = true;
	cond_broadcast(&m->stopped);
	lock_release(&m->lock);
	thread_join(&m->thread);
	arena_finish(&m->arena);
	cond_finish(&m->stopped);
	lock_finish(&m->lock);
	free(m);
}
