/* Reports the state of this process to systemd, by the protocol of sd_notify(3): datagrams of NAME=VALUE
 * lines to the socket that the environment variable NOTIFY_SOCKET names. Without this variable, nothing is
 * sent. A report that cannot be sent is lost, because the service works without it. Called only on the main
 * thread. */
#pragma once

#include "base/moment.h"

/* The server accepts requests. */
void service_manager_ready(void);
/* The settings are being read again. service_manager_ready reports the end. */
void service_manager_reloading(void);
void service_manager_stopping(void);
/* Postpones the restart by the watchdog. */
void service_manager_alive(void);
/* Returns the time within which systemd expects service_manager_alive, from the environment variables
 * WATCHDOG_USEC and WATCHDOG_PID; 0 if it expects nothing. */
duration service_manager_watchdog(void);
