"""What a file's own first lines say of its licence."""

import pytest

from filters.code.licence_notices import notice, spdx_header

GPL = (
    "/* This program is free software; you can redistribute it and/or modify it under the terms of the GNU General "
    "Public License as published by the Free Software Foundation; either version 2 of the License, or (at your "
    "option) any later version."
)


@pytest.mark.parametrize(
    ("head", "licence"),
    [
        ("/* This Source Code Form is subject to the terms of the Mozilla Public\n * License, v. 2.0. */", "MPL-2.0"),
        ("! This software is governed by the CeCILL-C license under French law", "CECILL-C"),
        ("# governed by the CeCILL-B license", "CECILL-B"),
        ("// Distributed under the Boost Software License, Version 1.0.", "BSL-1.0"),
        ("/* 3. This notice may not be removed or altered from any source distribution. */", "Zlib"),
        ("-- This is free and unencumbered software released into the public domain.", "Unlicense"),
        ("# Permission to use, copy, modify, and distribute this software for any purpose with or without fee", "ISC"),
        ("# Redistribution and use in source and binary forms ... The name of the author may not be used to endorse",
         "BSD-3-Clause"),
        ("/* Redistribution and use ... All advertising materials mentioning features or use of this software */",
         "BSD-4-Clause"),
        ("# Licensed under the MIT license.", "MIT"),
        ("// @license MIT", "MIT"),
        ("# License: BSD 3 clause", "BSD-3-Clause"),
        ("# License: GPL-3", "GPL-3.0-only"),
        ("% under the conditions of the LaTeX Project Public License, version 1.3", "LPPL-1.3c"),
        ("% a Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International License.", "CC-BY-NC-SA-4.0"),
        ("<!-- https://creativecommons.org/licenses/by-sa/3.0/ -->", "CC-BY-SA-3.0"),
        ("# Eclipse Public License v2.0", "EPL-2.0"),
        ("# Licensed under the EUPL v1.2", "EUPL-1.2"),
        ("# For academic use only. Redistribution and use in source and binary forms", "LicenseRef-noncommercial"),
        ("// Dual licensed under the MIT or GPL Version 2 licenses.", "GPL-2.0-only OR MIT"),
        (GPL + " Parts come from MIT or elsewhere. */", "GPL-2.0-or-later"),
    ],
)  # fmt: skip
def test_notices_at_the_top_of_a_file(head: str, licence: str) -> None:
    assert notice(head) == licence


@pytest.mark.parametrize(
    "head",
    ["# License: BSD", "# see LICENSE for the license", "# reads headers of BSD licenses", "# CC-BY 4.0 snippet"],
)
def test_what_names_no_licence_or_not_which(head: str) -> None:
    assert notice(head) is None


def test_every_spdx_line_counts_in_any_case_but_those_of_snippets() -> None:
    assert spdx_header("# SPDX-License-Identifier: MIT or Apache-2.0") == "MIT OR Apache-2.0"
    both = "# SPDX-License-Identifier: MIT\n# SPDX-License-Identifier: GPL-2.0+\n"
    assert spdx_header(both) == "MIT AND GPL-2.0-or-later"
    choice = "# SPDX-License-Identifier: MIT OR ISC\n# SPDX-License-Identifier: GPL-3.0-only\n"
    assert spdx_header(choice) == "(MIT OR ISC) AND GPL-3.0-only"
    snippet = "# SPDX-License-Identifier: MIT\n# SPDX-SnippetBegin\n# SPDX-License-Identifier: CC-BY-SA-4.0\n"
    assert spdx_header(snippet) == "MIT"
