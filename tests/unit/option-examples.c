/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "option-examples.h"

#include <stddef.h>

#include "base/macro.h"
#include "base/text.h"

#define TIMES_4(text)  text text text text
#define TIMES_64(text) TIMES_4(TIMES_4(TIMES_4(text)))

/* One byte more than fits into PATH_MAX. */
#define LONG_PATH TIMES_64(TIMES_64("/"))

/* clang-format off */
static const OptionExamples all[] = {
        { "quiet", { "yes" }, { "", "maybe" } },
        { "no-ask-password", { "yes" }, { "", "maybe" } },
        { "settings", { "yes", "no", "override", "trusted", "true", "0" }, { "", "maybe", "Override" } },
        { "no-pager", { "yes" }, { "", "maybe" } },
        { "dry-run", { "text", "json", "no" }, { "", "xml", "JSON" } },
        { "cleanup", { "yes", "no" }, { "" } },
        { "directory", { "/", "/var/lib/machines/deb", "relative/..", "", "with space:and colon" },
          { LONG_PATH } },
        { "template", { "/a", "b/../c", "" }, { LONG_PATH } },
        { "mstack", { "/a.mstack", "b", "" }, { LONG_PATH } },
        { "read-only", { "yes", "no" }, { "", "2" } },
        { "volatile", { "yes", "no", "state", "overlay", "1" }, { "", "State", "help me" } },
        { "layer", { "/a", "b/../c", "" }, { LONG_PATH } },
        { "upper", { "/a", "b/../c", "" }, { LONG_PATH } },
        { "pivot-root", { "/a", "/a/b/:/old", "//a", "/", "", "/:/old" },
          { "a", "/a:b", "/a:", ":/b", "/a:/b:/c", "/a/../b", "/a:/b/..", "/a:/", LONG_PATH } },
        { "ephemeral", { "yes", "no", "disk", "memory", "1", "off" }, { "", "Disk", "ram" } },
        { "boot", { "boot", "command" }, { "", "yes" } },
        { "as-pid2", { "as-pid2", "command" }, { "", "yes" } },
        { "WORD", { "ls", "-l", "two words", "" }, { ANY_TEXT_IS_GOOD } },
        { "chdir", { "/", "/srv", "//srv//x/", "/process" },
          { "", "srv", "/a/../b", "/a/.", "/proc", "/proc/1", "/sys/kernel", "/dev", "//dev/" } },
        { "setenv", { "A=", "A=b", "_a1=x=y", "A=\n" }, { "", "=", "=a", "1=2", "A B=c", "A-B=c", "B" } },
        { "uid", { "root", "0", "1000", "_apt", "www-data", "DOMAIN\\user", "user@host", "a.b", "größe" },
          { "", "00", "0x0", "-1", "+1", "4294967295", "4294967296", "65535", "1:1:1", "a b", "~me",
            "99999999999999999999" } },
        { "kill-signal", { "TERM", "SIGINT", "15", "RTMIN+3" }, { "", "0", "term", "65", "RTMIN+99", "-9" } },
        { "suppress-sync", { "yes", "no", "1", "off" }, { "", "maybe" } },
        { "notify-ready", { "yes", "no", "1", "off" }, { "", "maybe" } },
        { "machine", { "a", "deb12", "a.b-c.d", "A", "" },
          { ".", "..", ".a", "a.", "a..b", "-a", "a-", "a-.b", "a_b", "a/b", "a b", "\x1b[31m" } },
        { "hostname", { "a", "web.example.org", "" }, { ".a", "a.", "-a", "a_b", "a\nb", "\xc3\xb6", "\x7f" } },
        { "uuid", { "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789ABCDEF" },
          { "", "0", "00000000000000000000000000000000", "00000000-0000-0000-0000-000000000000", "x" } },
        { "slice", { "a", "a.slice", "machine-web.slice", "-.slice", "-", "a/b", "\xc3\xb6" },
          { "", ".slice", "-a", "a-", "a--b" } },
        { "property", { "MemoryMax=128M", "A=", "DeviceAllow=/dev/null rw" },
          { "", "=", "A", "A B=c", "=x", "A=\n", "A=\x1b[31m", "A=\xff" } },
        { "register", { "yes", "no", "auto" }, { "", "maybe", "AUTO" } },
        { "keep-unit", { "yes", "no" }, { "" } },
        { "private-users", { "no", "yes", "pick", "identity", "0", "1", "0:65536", "65536",
                             "65536:1", "4294901759", "65536:65535", "0:7:1,1:65536:65535" },
          { "", "00", "0x0", "-1", "1:0", "1:", ":1", "1:1:1", "4294967295", "4294967295:1",
            "4294967294:2", "managed", "5:600000:1", "0:600000:1,", ",0:600000:1", "0:1:1,,1:2:1",
            "0:1:2,1:9:1", "0:1:2,2:2:1", "0:1:01", "65536,131072", "0:1:1:1" } },
        { "U", { "pick" }, { "", "no" } },
        { "private-users-delegate", { "0", "1", "16" }, { "", "17", "-1", "1k", "yes" } },
        { "private-users-ownership", { "off", "chown", "map", "foreign", "auto" }, { "", "yes", "Map" } },
        { "private-network", { "private-network" }, { "", "yes" } },
        { "network-host", { "network-host" }, { "", "yes" } },
        { "bind",
          { "/a", "/a:/b", "a:/b", "/a\\:b:/c", "+/a", "+/a:/b", ":/b", "/a:/", "/a:/b:",
            "/a:/b:rbind,,norbind,ro,optional,noatime", "/a:/b:map=0:1000:1,map=1:100000:65534",
            "/a:/b:idmap,noidmap,rootidmap,owneridmap", "/a:/b:map=u:0:1000:1,map=g:0:1000:1" },
          { "", ":", "a", "/a:", "/a:b", "/a:/b/../c", "/a:/./b", "+a:/b", "+:/b", "/a:/b:bogus",
            "/a:/b:idmap=1", "/a:/b:map=", "/a:/b:map=0:1000", "/a:/b:map=u:0:1000",
            "/a:/b:map=x:0:1:1", "/a:/b:map=u:0:1:1,map=0:5:1", "/a:/b:map=0:1000:0",
            "/a:/b:map=0:4294967294:2", "/a:/b:map=0:1:2,map=1:9:1", "/a:/b:map=0:5:2,map=9:6:1",
            "+/a:/b:idmap", "+/a:/b:optional", ":/b:optional", "/a:/b:size=1m" } },
        { "bind-ro", { "/a", "a:/b", "+/a:/b", ":/b", "/a:/b:ro", "/a:/b:idmap,nosuid" },
          { "", "/a:b", "/a:/b:rw", "/a:/b:bogus" } },
        { "inaccessible", { "/a", "//a//b/", "/proc/kcore" }, { "", "a", "/", "//", "/a/../b", "+/a" } },
        { "tmpfs",
          { "/a", "/a:", "/a:size=1m,mode=700", "/a:uid=0,gid=65533", "/a:ro,noexec,suid,dev,noatime",
            "/a:mpol=bind:0", "/a\\:b" },
          { "", "a", "/", ":size=1m", "/a:uid=root", "/a:uid=", "/a:gid=-1", "/a:gid=4294967295" } },
        { "overlay",
          { "/l:/u", "/l:+/t", "l:/u", "l:u:/t", "+/l:/u:/t", "/l::/t", "/a:/b:/c:/d:/t",
            "/l\\:x:/u:/t" },
          { "", "/l", ":", "::", ":/u", "/l:", "::/t", "/l::", ":/u:/t", "/a::/u:/t", "/l:/u:t",
            "/l:/u:/", "l:u", "/l:/u:/a/..", "+l:/u:/t" } },
        { "overlay-ro", { "/l:/u", "/a:/b:/t", "+/l:+/u:/t" }, { "", "/l", "/l:/u:t", "/l:/u:/" } },
        { "device", { "kvm", "-gpu:r", "/dev/sdb:/dev/data:rw" }, { "", "nope", "/dev/sdb:/x", "tun:x" } },
        { "time-namespace", { "yes", "no" }, { "", "0s" } },
        { "boottime-offset", { "0", "90", "-1d", "1.5h" }, { "", "x", "1y", "99999999999999999999" } },
        { "monotonic-offset", { "0", "90", "-1d", "1.5h" }, { "", "x", "1y", "99999999999999999999" } },
        { "resolv-conf", { "auto", "off", "delete", "copy-host", "replace-static", "bind-uplink",
                           "bind-stub" }, { "", "copy", "stub", "Auto", "bind-host " } },
        { "timezone", { "auto", "off", "copy", "bind", "symlink", "delete" },
          { "", "UTC", "link", "Europe/Berlin" } },
        { "capability", { "all", "CAP_SYS_TIME", "sys_time", "Cap_Chown,kill", "chown kill", "0", "63" },
          { "", ",", "CAP_", "CAP_ALL", "ALL", "help me", "64", "-1", "CAP_SYS_TIME;", "~chown" } },
        { "drop-capability", { "all", "CAP_SYS_ADMIN", "net_raw,mknod" }, { "", "none", "CAP_NET" } },
        { "ambient-capability", { "CAP_NET_RAW", "net_raw,net_bind_service" }, { "", "all", "x" } },
        { "system-call-filter",
          { "keyctl", "@mount", "@known", "~@mount bpf", "~ swapon", "\tbpf  add_key ", "" },
          { "~", " ", "help me", "@nonsense", "mount,bpf", "keyctl:EPERM", "~~bpf", "bpf ~keyctl", "0" } },
        { "restrict-address-families",
          { "AF_INET", "inet AF_UNIX", "~AF_PACKET AF_NETLINK", "default AF_VSOCK", "any", "none", "" },
          { "~", " ", "AF_", "AF_NONE", "2", "AF_INET,AF_INET6", "inet ~AF_UNIX", "@any" } },
        { "nesting", { "yes", "no" }, { "", "2" } },
        { "restrict-namespaces", { "mnt pid", "~user", "any", "none", "~any", "" },
          { "~", " ", "yes", "mount", "USER", "mnt,pid", "mnt ~user", "default" } },
        { "personality", { "x86", "x86-64", "arm", "arm64" }, { "", "i686", "X86", "linux32" } },
        { "selinux-context",
          { "", "system_u:system_r:svirt_lxc_net_t:s0:c1,c2", "u:r:t" },
          { "u", "u:r", "u:r:t x", "u:r:t\n", "u:r:\"t", "u:r:t\\" } },
        { "selinux-apifs-context",
          { "", "system_u:object_r:svirt_sandbox_file_t:s0:c1,c2" }, { "x", "u:r:\tt" } },
        { "apparmor-profile",
          { "", "/usr/bin/x", "my profile", "unconfined", ":ns://x" }, { " x", "x ", "x\ny", "\x1b" } },
        { "no-new-privileges", { "yes", "no" }, { "", "maybe" } },
        { "Exec.LimitAS", { "infinity", "1G", "512M:infinity", "0:0" }, { "", "1g", "2:1", "1:2:3" } },
        { "Exec.LimitCORE", { "0:infinity", "1.5M" }, { "", "0:", ":0", "infinity:0" } },
        { "Exec.LimitCPU", { "90", "1min", "1min:2h", "500ms" }, { "", "-1", "-1min", "1y", "1M" } },
        { "Exec.LimitDATA", { "1T" }, { "", "-1" } },
        { "Exec.LimitFSIZE", { "0", "15E" }, { "", "16E ", "17E0" } },
        { "Exec.LimitLOCKS", { "100" }, { "", "1K" } },
        { "Exec.LimitMEMLOCK", { "64K:8M" }, { "", "8M:64K" } },
        { "Exec.LimitMSGQUEUE", { "819200" }, { "", "x" } },
        { "Exec.LimitNICE", { "0", "40", "+19", "-20", "-5:-10", "infinity" },
          { "", "41", "+20", "-21", "+", "-", "-10:-5", "19:+10" } },
        { "Exec.LimitNOFILE", { "1024:524288", "infinity", "0" }, { "", "1K", "0x10", "1 ", "1:", "soft" } },
        { "Exec.LimitNPROC", { "18446744073709551615" }, { "", "18446744073709551616" } },
        { "Exec.LimitRSS", { "1B" }, { "", "1KB" } },
        { "Exec.LimitRTPRIO", { "99" }, { "", "1.5" } },
        { "Exec.LimitRTTIME", { "1000", "1ms", "1s:infinity" }, { "", "-1" } },
        { "Exec.LimitSIGPENDING", { "1:2" }, { "", "2:1" } },
        { "Exec.LimitSTACK", { "8M:infinity" }, { "", "8m" } },
        { "oom-score-adjust", { "0", "-1000", "1000" }, { "", "1001", "-1001", "+1", "1.0" } },
        { "cpu-affinity", { "0", "0-3,7", "0 2\t4", "8191", "1,1" },
          { "", ",", "-1", "3-", "3-1", "8192", "0-8192", "all", "0x1", "0--1" } },
        { "background", { "", "44", "1;37;41", "0;104", "48;5;17", "48;5;255", "48;2;0;0;64", "38;5;44;40" },
          { "blue", "37", "0", "48", "48;5", "48;5;256", "48;2;1;2", "48;2;256;0;0", "38;5;44", "44m",
            "48:5:1", "-1", "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;44" } },
        { "link-journal", { "no", "host", "try-host", "guest", "try-guest", "auto" },
          { "", "yes", "try", "Host" } },
        { "forward-journal", { "/var/log/x.journal", "logs", "" }, { LONG_PATH } },
        { "forward-journal-max-use", { "0", "4096", "1.5G", "64M" }, { "", "-1", "1g", "x", "1 M", "16E" } },
        { "forward-journal-keep-free", { "0", "1T" }, { "", "1%" } },
        { "forward-journal-max-file-size", { "512K" }, { "", "big" } },
        { "forward-journal-max-files", { "0", "100" }, { "", "-1", "1K", "1.5" } },
        { "j", { "link-journal=try-guest" }, { "link-journal=x" } },
        { "bind-user", { "me", "_x-1", "A" },
          { "", "root", "nobody", "1me", "-x", "a b", "a:b", "a/b", "a.b", "\xc3\xb6",
            "a0123456789012345678901234567890" } },
        { "bind-user-shell", { "yes", "no", "/bin/zsh" },
          { "", "zsh", "/bin/", "/a/../b", "/a:b", "/\x1b" } },
        { "bind-user-group", { "wheel", "sudo" }, { "", "a b", "a:b", "1" } },
        { "set-credential", { "a:b", "a:", "a.b-c d:x:y", "a:\\x00\\n\\101\\u00fc" },
          { "", "a", ":b", "a/b:c", ".:c", "..:c", "\xff:c", "a:\\", "a:\\x4", "a:\\q" } },
        { "load-credential", { "a:/b", "a:/b:c", "a:./b", "a:b", "a" },
          { "", ":", ":/b", "a:", "a/b:/c", "/b", "a:.", "a:b:c" } },
        { "console", { "interactive", "read-only", "passive", "pipe", "autopipe" },
          { "", "Pipe", "read_only", "help me" } },

        /* These only stand for others. */
        { "rlimit", { "NOFILE=1024:4096", "RLIMIT_CORE=0", "NICE=-5", "RSS=infinity" },
          { "", "NOFILE", "nofile=1", "X=1", "=1", "NOFILE=", "NOFILE=2:1", "RLIMIT_RLIMIT_AS=1", "AS =1" } },
        { "user", { "root" }, { "", "00" } },
        { "private-users-chown", { "private-users-ownership=off" }, { "private-users-ownership=x" } },
        { "pipe", { "console=pipe" }, { "console=x" } },
};
/* clang-format on */

static bool is_of(const OptionExamples *examples, const Option *option) {
        if (option->name)
                return text_equal(examples->name, option->name);
        if (option->letter)
                return examples->name[0] == option->letter && examples->name[1] == '\0';

        if (option->flags & OPTION_MEMBER)
                return text_equal(examples->name, option->key);

        return text_equal(examples->name, option->metavar);
}

const OptionExamples *option_examples_find(const Option *option) {
        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                if (is_of(&all[i], option))
                        return &all[i];

        return NULL;
}

const OptionExamples *option_examples(size_t *ret_n_examples) {
        *ret_n_examples = ELEMENTSOF(all);
        return all;
}
