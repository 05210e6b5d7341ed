/* A background thread that measures values outside of the program for the metrics. Every ten seconds it
 * measures the free space of the disk and the age of the last backup, if the database is a SQLite file. Every
 * hour it checks the certificates of the public URL, the provider and the mail server. */
#pragma once

#include "base/err.h"
#include "main/config/config.h"

struct measurements;

/* Starts the thread. Measures the disk and the backup once before it returns. `config` must stay valid until
 * measurements_stop. */
enum err measurements_start(const struct config *config, struct measurements **out) must_use;
/* Waits for the current measurement, a few seconds at most, and joins the thread. Accepts NULL. */
void measurements_stop(struct measurements *m);
