#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the program that is the argument as C: image.h's symbols."""

import sys
from pathlib import Path

image = Path(sys.argv[1]).read_bytes()
print('#include "stub/image.h"')
print("_Alignas(16) const unsigned char stub_image[] = {" + ",".join(map(str, image)) + "};")
print(f"const size_t stub_image_size = {len(image)};")
