/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus/property-value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"

static const char white[] = " \t\r\n";

static int refuse(PropertyValue *value, const char *what) {
        value->reason = arena_printf(value->arena, "%s=: '%s' is not %s", value->form->name,
                        text_printable(value->arena, value->text), what);
        return -EINVAL;
}

static bool is_infinity(const char *text) {
        return text_equal(text, "infinity");
}

/* "12.34%" as hundredths of a percent. */
static int parse_permyriad(const char *text, uint64_t *ret_permyriad) {
        uint64_t permyriad;
        int r;

        r = parse_take_decimal(&text, 2, &permyriad);
        if (r < 0)
                return r;
        if (!text_equal(text, "%"))
                return -EINVAL;

        *ret_permyriad = permyriad;
        return 0;
}

/* "90", "1min 30s", "infinity". */
static int parse_time(Arena *arena, const char *text, uint64_t *ret_us) {
        StringList words = text_split_words(arena, text, white);
        uint64_t sum = 0;

        if (is_infinity(text)) {
                *ret_us = UINT64_MAX;
                return 0;
        }
        if (words.n_items == 0)
                return -EINVAL;

        for (size_t i = 0; i < words.n_items; i++) {
                int64_t us;
                int r;

                r = parse_time_us(words.items[i], &us);
                if (r < 0)
                        return r;
                if (us < 0 || __builtin_add_overflow(sum, (uint64_t)us, &sum))
                        return -EINVAL;
        }

        *ret_us = sum;
        return 0;
}

static int set_number(PropertyValue *value, PropertyType type, uint64_t number) {
        value->property->type = type;
        value->property->number = number;
        return 0;
}

/* Limits relative to the host are properties of their own, in 2^32ths: "MemoryMaxScale". */
static int set_scale(PropertyValue *value, uint64_t permyriad) {
        if (permyriad > 10000)
                return refuse(value, "at most 100%");

        value->property->name = arena_printf(value->arena, "%sScale", value->property->name);
        return set_number(value, PROPERTY_UINT32, (permyriad * UINT32_MAX + 5000) / 10000);
}

int property_value_bool(PropertyValue *value) {
        bool is_true;
        int r;

        r = parse_bool(value->text, &is_true);
        if (r < 0)
                return refuse(value, "yes or no");

        return set_number(value, PROPERTY_BOOL, is_true);
}

int property_value_text(PropertyValue *value) {
        value->property->type = PROPERTY_TEXT;
        value->property->text = arena_copy(value->arena, value->text);
        return 0;
}

int property_value_texts(PropertyValue *value) {
        value->property->type = PROPERTY_TEXTS;
        value->property->texts = text_split_words(value->arena, value->text, white);
        return 0;
}

int property_value_signal(PropertyValue *value) {
        int r, signal;

        r = parse_signal(value->text, &signal);
        if (r < 0)
                return refuse(value, "a signal");

        return set_number(value, PROPERTY_INT32, (uint64_t)signal);
}

int property_value_count(PropertyValue *value) {
        uint32_t count;
        int r;

        r = parse_u32(value->text, &count);
        if (r < 0)
                return refuse(value, "a number");

        return set_number(value, PROPERTY_UINT32, count);
}

int property_value_weight(PropertyValue *value) {
        const PropertyForm *form = value->form;
        uint64_t weight;
        int r;

        if (text_is_empty(value->text))
                return set_number(value, PROPERTY_UINT64, UINT64_MAX);
        if (form->minimum == 0 && text_equal(value->text, "idle"))
                return set_number(value, PROPERTY_UINT64, 0);

        r = parse_u64(value->text, &weight);
        if (r < 0 || weight < MAX_OF(form->minimum, 1U) || weight > form->maximum)
                return refuse(value, arena_printf(value->arena, "a number from %llu to %llu%s",
                                                     (unsigned long long)MAX_OF(form->minimum, 1U),
                                                     (unsigned long long)form->maximum,
                                                     form->minimum == 0 ? " or 'idle'" : ""));

        return set_number(value, PROPERTY_UINT64, weight);
}

int property_value_size(PropertyValue *value) {
        uint64_t number;

        if (is_infinity(value->text))
                return set_number(value, PROPERTY_UINT64, UINT64_MAX);
        if (parse_permyriad(value->text, &number) >= 0)
                return set_scale(value, number);
        if (parse_size(value->text, 1024, &number) < 0)
                return refuse(value, "a size, a percentage or 'infinity'");

        return set_number(value, PROPERTY_UINT64, number);
}

int property_value_tasks(PropertyValue *value) {
        uint64_t number;

        if (is_infinity(value->text))
                return set_number(value, PROPERTY_UINT64, UINT64_MAX);
        if (parse_permyriad(value->text, &number) >= 0)
                return set_scale(value, number);
        if (parse_u64(value->text, &number) < 0 || number == 0)
                return refuse(value, "a number above 0, a percentage or 'infinity'");

        return set_number(value, PROPERTY_UINT64, number);
}

int property_value_quota(PropertyValue *value) {
        uint64_t permyriad;

        if (text_is_empty(value->text) || is_infinity(value->text))
                return set_number(value, PROPERTY_UINT64, UINT64_MAX);
        if (parse_permyriad(value->text, &permyriad) < 0 || permyriad == 0 ||
                        permyriad > UINT32_MAX)
                return refuse(value, "a percentage above 0");

        return set_number(value, PROPERTY_UINT64, permyriad * USEC_PER_SEC / 10000);
}

int property_value_percent(PropertyValue *value) {
        uint64_t permyriad;

        if (parse_permyriad(value->text, &permyriad) < 0 || permyriad > 10000)
                return refuse(value, "a percentage");

        return set_number(value, PROPERTY_UINT32, (permyriad * UINT32_MAX + 5000) / 10000);
}

int property_value_time(PropertyValue *value) {
        uint64_t us;

        if (parse_time(value->arena, value->text, &us) < 0)
                return refuse(value, "a time or 'infinity'");

        return set_number(value, PROPERTY_UINT64, us);
}

/* The words of "DEVICE VALUE"; 1 if there are none, which empties the list. */
static int split_device(PropertyValue *value, const char **ret_second) {
        StringList words = text_split_words(value->arena, value->text, white);

        value->property->type = PROPERTY_NUMBERED;
        if (words.n_items == 0)
                return 1;
        if (words.n_items != 2)
                return refuse(value, "of the form 'DEVICE VALUE'");
        if (words.items[0][0] != '/')
                return refuse(value, "an absolute path and a value");

        string_list_add(value->arena, &value->property->texts, words.items[0]);
        *ret_second = words.items[1];
        return 0;
}

int property_value_device_weight(PropertyValue *value) {
        const char *text;
        uint64_t weight;
        int r;

        r = split_device(value, &text);
        if (r != 0)
                return MIN_OF(r, 0);
        if (parse_u64(text, &weight) < 0 || weight < 1 || weight > 10000)
                return refuse(value, "a device and a weight from 1 to 10000");

        return set_number(value, PROPERTY_NUMBERED, weight);
}

int property_value_device_rate(PropertyValue *value) {
        const char *text;
        uint64_t rate;
        int r;

        r = split_device(value, &text);
        if (r != 0)
                return MIN_OF(r, 0);
        if (is_infinity(text))
                rate = UINT64_MAX;
        else if (parse_size(text, 1000, &rate) < 0)
                return refuse(value, "a device and a rate or 'infinity'");

        return set_number(value, PROPERTY_NUMBERED, rate);
}

int property_value_device_time(PropertyValue *value) {
        const char *text;
        uint64_t us;
        int r;

        r = split_device(value, &text);
        if (r != 0)
                return MIN_OF(r, 0);
        if (parse_time(value->arena, text, &us) < 0)
                return refuse(value, "a device and a time");

        return set_number(value, PROPERTY_NUMBERED, us);
}

int property_value_device_allow(PropertyValue *value) {
        StringList words = text_split_words(value->arena, value->text, white);
        const char *access = words.n_items > 1 ? words.items[1] : "rwm";

        value->property->type = PROPERTY_PAIRS;
        if (words.n_items == 0)
                return 0;
        if (words.n_items > 2)
                return refuse(value, "of the form 'DEVICE ACCESS'");
        if (words.items[0][0] != '/' && !text_after(words.items[0], "char-") &&
                        !text_after(words.items[0], "block-"))
                return refuse(value, "an absolute path, or a name with 'char-' or 'block-'");
        if (access[strspn(access, "rwm")] != '\0')
                return refuse(value, "a device and some of the letters 'rwm'");

        string_list_add(value->arena, &value->property->texts, words.items[0]);
        string_list_add(value->arena, &value->property->texts, access);
        return 0;
}

int property_value_numbers(PropertyValue *value) {
        enum { HIGHEST = 8191 };
        Property *property = value->property;
        StringList words = text_split_words(value->arena, value->text, ", \t\r\n");

        property->type = PROPERTY_BYTES;
        property->bytes = arena_allocate(value->arena, (HIGHEST + 1) / 8);
        for (size_t i = 0; i < words.n_items; i++) {
                const char *dash = strchr(words.items[i], '-');
                size_t length = dash ? (size_t)(dash - words.items[i]) : strlen(words.items[i]);
                uint32_t first, last;

                if (parse_u32(arena_copy_n(value->arena, words.items[i], length), &first) < 0 ||
                                parse_u32(dash ? dash + 1 : words.items[i], &last) < 0 ||
                                first > last || last > HIGHEST)
                        return refuse(value, "a list like '0-3,5'");
                for (uint32_t n = first; n <= last; n++)
                        property->bytes[n / 8] |= (uint8_t)(1U << n % 8);
                property->n_bytes = MAX_OF(property->n_bytes, last / 8U + 1);
        }

        return 0;
}

static int add_address(PropertyValue *value, const char *text) {
        Property *property = value->property;
        const char *slash = strchr(text, '/');
        const char *plain = slash ? arena_copy_n(value->arena, text, (size_t)(slash - text)) : text;
        PropertyAddress address = { .family = strchr(plain, ':') ? AF_INET6 : AF_INET };

        if (inet_pton(address.family, plain, address.bytes) != 1)
                return -EINVAL;

        address.prefix_length = address.family == AF_INET ? 32 : 128;
        if (slash) {
                uint32_t length;

                if (parse_u32(slash + 1, &length) < 0 || length > address.prefix_length)
                        return -EINVAL;
                address.prefix_length = length;
        }

        property->addresses = arena_grow(value->arena, property->addresses, property->n_addresses,
                        &property->n_addresses_allocated, sizeof address);
        property->addresses[property->n_addresses++] = address;
        return 0;
}

int property_value_addresses(PropertyValue *value) {
        static const struct {
                const char *name, *ipv4, *ipv6;
        } sets[] = {
                { "any", "0.0.0.0/0", "::/0" },
                { "localhost", "127.0.0.0/8", "::1/128" },
                { "link-local", "169.254.0.0/16", "fe80::/64" },
                { "multicast", "224.0.0.0/4", "ff00::/8" },
        };
        StringList words = text_split_words(value->arena, value->text, white);

        value->property->type = PROPERTY_ADDRESSES;
        for (size_t i = 0; i < words.n_items; i++) {
                size_t set = 0;

                while (set < ELEMENTSOF(sets) && !text_equal(words.items[i], sets[set].name))
                        set++;
                if (set < ELEMENTSOF(sets)) {
                        (void)add_address(value, sets[set].ipv4); /* Constants of ours. */
                        (void)add_address(value, sets[set].ipv6);
                } else if (add_address(value, words.items[i]) < 0)
                        return refuse(value, "a list of addresses like '10.0.0.0/8 localhost'");
        }

        return 0;
}

int property_value_delegate(PropertyValue *value) {
        bool is_true;

        if (parse_bool(value->text, &is_true) >= 0)
                return set_number(value, PROPERTY_BOOL, is_true);

        value->property->name = "DelegateControllers";
        return property_value_texts(value);
}
