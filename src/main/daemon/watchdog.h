/* The watchdog of systemd: reports regularly that the server works, so that systemd restarts it when it
 * hangs. A report is sent only if the main thread runs and all listeners answer a request. The store is not
 * asked, because a restart does not help when the database is down. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"

struct watchdog {
	duration interval;		  /* between two reports; 0: systemd expects none */
	struct str public_url, admin_url; /* of the listeners */
	bool has_console;
	struct str console_url; /* of its listener */
	int64_t next;		/* system_ticks of the next report */
};

/* `listen`, `admin_listen` and `console_listen` are HOST:PORT; the last one is empty if the console has no
 * listener. The URLs are in the arena. */
void watchdog_init(struct watchdog *watchdog, struct arena *a, struct str listen, struct str admin_listen,
	struct str console_listen);
/* Checks the listeners and sends a report if it is time. Takes at most 6 s. Called once a second. */
void watchdog_run(struct watchdog *watchdog);
