/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Colors as terminals have them: "44" is blue, "48;5;17" a dark one of 256, "48;2;0;0;64" one of
 * all. What else such a sequence may say (bold, a color of the text) is taken and left out.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/parse.h"
#include "base/text.h"
#include "config/value.h"

enum { SGR_MAX = 16 }; /* numbers in a sequence */

/* The first 16, as xterm has them. */
static const uint32_t palette[16] = {
        0x000000,
        0xcd0000,
        0x00cd00,
        0xcdcd00,
        0x0000ee,
        0xcd00cd,
        0x00cdcd,
        0xe5e5e5,
        0x7f7f7f,
        0xff0000,
        0x00ff00,
        0xffff00,
        0x5c5cff,
        0xff00ff,
        0x00ffff,
        0xffffff,
};

/* Then a cube of 6 shades for each of red, green and blue, and 24 greys. */
static uint32_t color_of_256(uint32_t index) {
        static const uint32_t shades[6] = { 0, 95, 135, 175, 215, 255 };
        uint32_t grey;

        if (index < 16)
                return palette[index];
        if (index >= 232) {
                grey = 8 + 10 * (index - 232);
                return grey << 16 | grey << 8 | grey;
        }

        index -= 16;
        return shades[index / 36] << 16 | shades[index / 6 % 6] << 8 | shades[index % 6];
}

/* The color behind 38 or 48, as "5;N" or "2;R;G;B": how many numbers it takes, 0 if it is none. */
static size_t take_color(const uint32_t *numbers, size_t n_numbers, uint32_t *ret_color) {
        if (n_numbers >= 2 && numbers[0] == 5 && numbers[1] < 256) {
                *ret_color = color_of_256(numbers[1]);
                return 2;
        }
        if (n_numbers >= 4 && numbers[0] == 2 && numbers[1] < 256 && numbers[2] < 256 &&
                        numbers[3] < 256) {
                *ret_color = numbers[1] << 16 | numbers[2] << 8 | numbers[3];
                return 4;
        }

        return 0;
}

/* The last background among NUMBERS; -EINVAL if there is none. */
static int find_background(const uint32_t *numbers, size_t n_numbers, uint32_t *ret_color) {
        int r = -EINVAL;

        for (size_t i = 0; i < n_numbers; i++) {
                uint32_t number = numbers[i], color = 0;
                size_t n_taken = 0;

                if (number == 38 || number == 48) {
                        n_taken = take_color(numbers + i + 1, n_numbers - i - 1, &color);
                        if (n_taken == 0)
                                return -EINVAL;
                        i += n_taken;
                }
                if (number >= 40 && number <= 47)
                        color = palette[number - 40];
                else if (number >= 100 && number <= 107)
                        color = palette[number - 100 + 8];
                else if (number != 48)
                        continue;
                *ret_color = color;
                r = 0;
        }

        return r;
}

int value_background(Arena *arena, const char *text, const char **field, const char **ret_reason) {
        StringList words = text_split_words(arena, text, ";");
        uint32_t numbers[SGR_MAX], color = 0;
        size_t n_numbers = words.n_items;
        int r = n_numbers <= SGR_MAX ? 0 : -EINVAL;

        if (text_is_empty(text)) {
                *field = NULL;
                return 0;
        }

        for (size_t i = 0; r >= 0 && i < n_numbers; i++)
                r = parse_u32(words.items[i], &numbers[i]);
        if (r >= 0)
                r = find_background(numbers, n_numbers, &color);
        if (r < 0) {
                *ret_reason = "not a background color like 44, 48;5;17 or 48;2;0;0;64";
                return -EINVAL;
        }

        *field = arena_printf(arena, "%06x", color);
        return 0;
}
