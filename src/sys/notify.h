/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The service notification protocol, both ends; see sd_notify(3).
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Longest message that is read; longer ones are dropped as the protocol says. */
enum { NOTIFY_MESSAGE_MAX = 4096 };

/* Sends STATE ("READY=1\nSTATUS=…") to $NOTIFY_SOCKET: 1 if sent, 0 if nobody asked for it (no
 * such variable), -errno. */
int notify_send(const char *state);

/* Opens a socket for the messages of a child, whose $NOTIFY_SOCKET is to be RET_NAME: a name that
 * the kernel makes up, which is no file. An O_CLOEXEC fd for notify_receive(), or -errno. */
enum { NOTIFY_NAME_SIZE = 16 };
int notify_listen(char ret_name[static NOTIFY_NAME_SIZE]);

/* Receives one message at FD, a datagram socket with SO_PASSCRED, without waiting.
 *
 * Descriptors that come with it never reach us, and make it malformed: to close one that belongs
 * to a file system of the sender's (FUSE) could wait for the sender for ever. Returns its length
 * with RET_TEXT ended by NUL and the sender's pid as we see it, -EAGAIN if there is none,
 * -EBADMSG if it was malformed or too long, or -errno. */
ssize_t notify_receive(int fd, char ret_text[static NOTIFY_MESSAGE_MAX + 1], pid_t *ret_sender);

/* How often the service manager wants a sign of life: half of $WATCHDOG_USEC, or 0 if it does not
 * (no such variable, or it is meant for another process). Microseconds. */
uint64_t notify_watchdog_interval(void);
