/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Run at build time: compiles the filters below with libseccomp and prints them as C.
 *
 *         seccomp-generate CPU-FAMILY        as meson calls it
 */

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/call-filter.h"
#include "base/macro.h"

typedef struct {
        const char *name;
        uint32_t otherwise;       /* for calls that are not named */
        uint32_t action;          /* for those that are */
        const char *const *calls; /* ends with NULL */
} Filter;

/* Succeed without doing anything. Opening with O_SYNC or O_DSYNC is let through, and then does what
 * it says: a filter can only refuse it, and programs that ask for it (databases, container
 * managers) do not run without. Nor can it see what is asked of io_uring. */
static const char *const sync_calls[] = {
        "fdatasync",
        "fsync",
        "msync",
        "sync",
        "sync_file_range",
        "sync_file_range2",
        "arm_sync_file_range",
        "syncfs",
        NULL,
};

static const Filter filters[CALL_FILTER_MAX] = {
        [CALL_FILTER_SUPPRESS_SYNC] = { "suppress_sync", SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(0),
                        sync_calls },
};

/* What a machine of that family can run. */
static const struct {
        const char *family;
        const char *architectures[4];
} families[] = {
        { "x86_64", { "x86_64", "x32", "x86" } },
        { "x86", { "x86" } },
        { "aarch64", { "aarch64", "arm" } },
        { "arm", { "arm" } },
        { "riscv64", { "riscv64" } },
        { "ppc64", { "ppc64le" } },
        { "s390x", { "s390x", "s390" } },
        { "mips64", { "mipsel64", "mipsel" } },
};

static _Noreturn void die(const char *what, const char *object, int r) {
        (void)fprintf(stderr, "seccomp-generate: %s '%s': %s\n", what, object, strerror(-r));
        exit(EXIT_FAILURE);
}

static void set_architectures(scmp_filter_ctx context, const char *family) {
        const char *const *names = NULL;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(families); i++)
                if (strcmp(families[i].family, family) == 0)
                        names = families[i].architectures;
        if (!names)
                die("No architectures are known for", family, -EINVAL);

        r = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
        for (; r >= 0 && *names; names++)
                r = seccomp_arch_add(context, seccomp_arch_resolve_name(*names));
        if (r < 0)
                die("Cannot compile for", family, r);
}

static void add_calls(scmp_filter_ctx context, const Filter *filter) {
        for (const char *const *call = filter->calls; *call; call++) {
                int number = seccomp_syscall_resolve_name(*call), r;

                if (number == __NR_SCMP_ERROR)
                        die("libseccomp does not know", *call, -ENOSYS);
                r = seccomp_rule_add(context, filter->action, number, 0);
                if (r < 0)
                        die("Cannot filter", *call, r);
        }
}

static void print_program(scmp_filter_ctx context, const Filter *filter) {
        FILE *file = tmpfile();
        struct sock_filter instruction;
        int r;

        if (!file)
                die("Cannot make a file for", filter->name, -errno);
        r = seccomp_export_bpf(context, fileno(file));
        if (r < 0)
                die("Cannot compile", filter->name, r);

        rewind(file);
        printf("\nstatic const struct sock_filter %s[] = {\n", filter->name);
        while (fread(&instruction, sizeof instruction, 1, file) == 1)
                printf("        { 0x%04x, %u, %u, 0x%08x },\n", instruction.code, instruction.jt,
                                instruction.jf, instruction.k);
        printf("};\n");
        (void)fclose(file); /* read only */
}

static void compile(const Filter *filter, const char *family) {
        scmp_filter_ctx context = seccomp_init(filter->otherwise);
        int r;

        if (!context)
                die("Cannot compile", filter->name, -ENOMEM);
        r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, filter->otherwise);
        if (r >= 0)
                r = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* binary tree */
        if (r < 0)
                die("Cannot set up", filter->name, r);

        set_architectures(context, family);
        add_calls(context, filter);
        print_program(context, filter);
        seccomp_release(context);
}

int main(int argc, char **argv) {
        if (argc != 2) {
                (void)fprintf(stderr, "Usage: seccomp-generate CPU-FAMILY\n");
                return 2;
        }

        printf("/* Made by seccomp-generate for %s. */\n\n", argv[1]);
        printf("#include \"base/macro.h\"\n#include \"sys/seccomp.h\"\n");
        for (size_t i = 0; i < CALL_FILTER_MAX; i++)
                compile(&filters[i], argv[1]);

        printf("\nconst SeccompProgram seccomp_programs[CALL_FILTER_MAX] = {\n");
        for (size_t i = 0; i < CALL_FILTER_MAX; i++)
                printf("        { %s, ELEMENTSOF(%s) },\n", filters[i].name, filters[i].name);
        printf("};\n");
        return ferror(stdout) || fflush(stdout) != 0;
}
