/* Reports the state of this process to systemd, by the protocol of sd_notify(3): datagrams of NAME=VALUE
 * lines to the socket that the environment variable NOTIFY_SOCKET names. Without this variable, nothing is
 * sent. A report that cannot be sent is lost, because the service works without it. Called only on the main
 * thread. */
#pragma once

#include "base/moment.h"

/* The server accepts requests. */
void systemd_report_ready(void);
/* The settings are being read again. systemd_report_ready reports the end. */
void systemd_report_reloading(void);
void systemd_report_stopping(void);
/* Postpones the restart by the watchdog. */
void systemd_report_alive(void);
/* Returns the time within which systemd expects systemd_report_alive, from the environment variables
 * WATCHDOG_USEC and WATCHDOG_PID; 0 if it expects nothing. */
duration systemd_watchdog_limit(void);
