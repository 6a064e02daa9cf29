/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "base/unescape.h"
#include "config/value.h"

static int refuse(const char **ret_reason, const char *reason) {
        *ret_reason = reason;
        return -EINVAL;
}

bool credential_id_is_valid(const char *id) {
        size_t length = strlen(id);

        if (length == 0 || length > NAME_MAX || text_equal(id, ".") || text_equal(id, ".."))
                return false;

        for (const char *p = id; *p; p++)
                if (*p < ' ' || *p >= 0x7f || *p == ':' || *p == '/')
                        return false;

        return true;
}

/* Appends an id whose source or bytes are still to be set. */
static int add_id(Arena *arena,
                const char *id,
                CredentialList *field,
                CredentialSetting **ret_setting,
                const char **ret_reason) {
        if (!credential_id_is_valid(id))
                return refuse(ret_reason,
                                "not a credential name in front (printable ASCII without '/')");

        for (size_t i = 0; i < field->n_items; i++)
                if (text_equal(field->items[i].id, id))
                        return refuse(ret_reason, "there is a credential of that name already");

        field->items = arena_grow(arena, field->items, field->n_items, &field->n_allocated,
                        sizeof *field->items);
        *ret_setting = &field->items[field->n_items++];
        **ret_setting = (CredentialSetting){ .id = id };
        return 0;
}

int value_set_credential(Arena *arena,
                const char *text,
                CredentialList *field,
                const char **ret_reason) {
        const char *colon = strchr(text, ':'), *data;
        CredentialSetting *setting;
        size_t size;
        int r;

        if (!colon)
                return refuse(ret_reason, "not of the form ID:VALUE");
        data = unescape(arena, colon + 1, &size);
        if (!data)
                return refuse(ret_reason, "bad escape behind a backslash");
        if (size > CREDENTIAL_SIZE_MAX)
                return refuse(ret_reason, "larger than 1 MiB");

        r = add_id(arena, arena_copy_n(arena, text, (size_t)(colon - text)), field, &setting,
                        ret_reason);
        if (r < 0)
                return r;

        setting->data = data;
        setting->size = size;
        return 0;
}

int value_load_credential(Arena *arena,
                const char *text,
                CredentialList *field,
                const char **ret_reason) {
        const char *colon = strchr(text, ':'), *source = colon ? colon + 1 : text;
        size_t id_length = colon ? (size_t)(colon - text) : strlen(text);
        CredentialSetting *setting;
        int r;

        if (strlen(source) >= PATH_MAX)
                return refuse(ret_reason, "path too long");
        if (!strchr(source, '/') && !credential_id_is_valid(source))
                return refuse(ret_reason, "neither a path nor a credential name behind the colon");

        r = add_id(arena, arena_copy_n(arena, text, id_length), field, &setting, ret_reason);
        if (r < 0)
                return r;

        setting->source = arena_copy(arena, source);
        return 0;
}
