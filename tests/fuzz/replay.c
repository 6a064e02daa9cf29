/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a fuzz target on files, without a fuzzer.
 *
 *         replay-NAME FILE|FOLDER...
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "fuzz.h"

static void replay_file(int folder_fd, const char *name) {
        char bytes[FUZZ_SIZE_MAX + 1];
        ssize_t n = io_read_file(folder_fd, name, bytes, sizeof bytes);

        if (n >= 0)
                (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes, (size_t)n);
}

static size_t replay_folder(const char *path) {
        CLEANUP_DIR DIR *folder = opendir(path);
        const struct dirent *entry;
        size_t n = 0;

        while (folder && (entry = readdir(folder)))
                if (entry->d_name[0] != '.') {
                        replay_file(dirfd(folder), entry->d_name);
                        n++;
                }

        return n;
}

int main(int argc, char **argv) {
        for (int i = 1; i < argc; i++) {
                struct stat st;

                FUZZ_MUST(stat(argv[i], &st) == 0);
                if (S_ISDIR(st.st_mode))
                        FUZZ_MUST(replay_folder(argv[i]) > 0);
                else
                        replay_file(AT_FDCWD, argv[i]);
        }

        return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
