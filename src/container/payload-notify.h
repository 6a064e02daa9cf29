/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "container/container.h"

/* Reads what waits at /run/host/notify and passes on what PID 1 of the payload says: READY (with
 * --notify-ready), STATUS, WATCHDOG, RELOADING. Anybody else's messages are dropped. At most a
 * fixed number of messages per call, so that a flood starves nobody. */
void payload_notify_process(Container *container);

/* Tells the service manager that the payload runs. */
void payload_notify_started(const Container *container);

/* Tells it that the payload is being stopped. */
void payload_notify_stopping(void);
