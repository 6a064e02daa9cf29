/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/credentials.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>

#include "sys/kernel.h"

uint64_t credentials_get_capabilities(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2];

        if (syscall(SYS_capget, &header, data) < 0)
                return 0; /* cannot fail for ourselves */

        return (uint64_t)data[1].effective << 32 | data[0].effective;
}

bool credentials_have_capability(unsigned capability) {
        return credentials_get_capabilities() >> capability & 1;
}

int credentials_act_as(uint32_t id) {
        if (id != 0 && prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0)
                return -errno;

        /* Neither reports an error; asking again tells. */
        (void)setfsuid(id);
        (void)setfsgid(id);
        if ((uint32_t)setfsuid((uid_t)-1) != id || (uint32_t)setfsgid((gid_t)-1) != id)
                return -EPERM;

        if (id == 0 && prctl(PR_SET_SECUREBITS, 0) < 0)
                return -errno;

        return 0;
}

int credentials_become(uid_t uid, gid_t gid, const gid_t *groups, size_t n_groups) {
        if (setgroups(n_groups, groups) < 0)
                return -errno;
        if (setresgid(gid, gid, gid) < 0)
                return -errno;
        if (setresuid(uid, uid, uid) < 0)
                return -errno;

        return 0;
}

int credentials_limit_capabilities(uint64_t keep) {
        for (unsigned capability = 0; capability < 64; capability++) {
                if (keep & 1ULL << capability)
                        continue;
                if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
                        if (errno == EINVAL) /* behind the last one this kernel knows */
                                break;
                        return -errno;
                }
        }

        return 0;
}

int credentials_settle_capabilities(uint64_t keep, uint64_t ambient, uint64_t until_exec) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2];
        uint64_t permitted = (geteuid() == 0 ? keep : ambient) | until_exec;

        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
                return -errno;
        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        for (unsigned i = 0; i < 2; i++) {
                data[i].permitted &= (uint32_t)(permitted >> (32 * i));
                data[i].effective = data[i].permitted;
                data[i].inheritable = (uint32_t)(ambient >> (32 * i));
        }
        if (syscall(SYS_capset, &header, data) < 0)
                return -errno;

        for (unsigned capability = 0; capability < 64; capability++)
                if (ambient & 1ULL << capability &&
                                prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
                        return -errno;

        return 0;
}
