/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The frame around one kernel assumption.
 *
 * A program defines test() and states with CHECK_*() what the kernel must do. kernel-test.c holds
 * main(): it runs test() as init of a new pid namespace, in a private mount namespace with a fresh
 * /proc, in an empty scratch directory, with a deadline. When test() returns, everything it started
 * is dead and everything it mounted or made is gone.
 *
 * Exit status: 0 the kernel behaves so, 1 it does not, 77 cannot be tested here (with the reason).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Host id of the payload's root, and how many ids a payload has. */
enum {
        SHIFT = 0x70000000,
        N_IDS = 65536,
};

/* What main() prepared outside of the test's pid namespace. */
typedef struct TestBed {
        int cgroup_fd; /* an empty cgroup2 directory of our own; -EBADF if there is no cgroup2 */
} TestBed;

/* The claim. Each program defines it; called once, as root, in the scratch directory. */
void test(const TestBed *bed);

/* Checks. They print the expression and both values, and end the process with 1. */
#define CHECK(condition)             check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ(actual, expected)   check_equal((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)
/* The call must not return a negative number; evaluates to what it returned. */
#define CHECK_OK(call) check_ok((call), #call, __FILE__, __LINE__)
/* The call must return a negative number and set errno to ERROR. */
#define CHECK_FAILS(call, error) check_fails((call), (error), #call, __FILE__, __LINE__)

void check_true(bool condition, const char *text, const char *file, int line);
void check_equal(int64_t actual, int64_t expected, const char *text, const char *file, int line);
void check_text(const char *actual,
                const char *expected,
                const char *text,
                const char *file,
                int line);
int check_ok(int64_t result, const char *text, const char *file, int line);
void check_fails(int64_t result, int error, const char *text, const char *file, int line);

/* Prints the reason and ends the process with 77. */
_Noreturn void skip(const char *reason);

/* Is the running kernel MAJOR.MINOR or newer? */
bool kernel_at_least(unsigned major, unsigned minor);

/* Processes.
 *
 * BODY runs in a child made by one clone3() with FLAGS; returning from it is success. With
 * CLONE_NEWUSER the ids 0 to N_IDS - 1 inside are BASE and up in the caller's user namespace, and
 * BODY starts as root inside, after the maps are written. A failed check in BODY fails the test. */
typedef void (*Body)(const void *data);

typedef struct Payload {
        uint64_t flags; /* CLONE_NEW*, CLONE_INTO_CGROUP */
        uint32_t base;  /* SHIFT, or 0 for a payload within a payload */
        int cgroup_fd;  /* for CLONE_INTO_CGROUP */
        Body body;
        const void *data; /* handed to BODY; still valid there, as after a fork() */
} Payload;

/* Starts the child and leaves it running. Returns its pid; the caller waits for it. */
pid_t payload_start(const Payload *payload);
/* The child must have succeeded. */
void payload_wait(pid_t pid);
/* Both. */
void payload_run(const Payload *payload);

/* Makes a user namespace with SHIFT as its first id by a child that is gone on return.
 * Returns an fd that the caller owns. */
int user_namespace_open(void);

/* Mounts. All return -1 and errno on failure, so that both CHECK_OK and CHECK_FAILS take them. */

/* A new, detached file system. OPTIONS: key, value, key, value, …, NULL; or NULL. */
int mount_new(const char *type, const char *const *options);
/* The tree at PATH as a detached mount, with its submounts. */
int mount_clone(const char *path);
/* Sets and clears MOUNT_ATTR_* of the mount at fd. */
int mount_change(int mount_fd, uint64_t set, uint64_t clear);
/* Shifts the owners seen through the detached mount by SHIFT. */
int mount_shift(int mount_fd);
/* Attaches the mount to PATH, relative to the working directory. */
int mount_attach(int mount_fd, const char *path);

int raw_pivot_root(const char *new_root, const char *put_old);
int raw_clone3(const void *arguments, size_t size);

/* Makes the working directory the root; nothing of the old root is left. Demands success. */
void switch_root(void);

/* A directory "tree" with a tmpfs on it and in it the directories proc, sys, dev, run and tmp, all
 * owned by the payload's root; the working directory is then that tree. Demands success. */
void tree_enter(void);

/* Small files. -1 and errno on failure. */
int file_write(const char *path, const char *text);
/* Reads at most SIZE - 1 bytes, adds a NUL, returns how many. */
int file_read(const char *path, char *buffer, size_t size);
int file_create(const char *path);
