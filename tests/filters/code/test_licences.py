"""Which licence a file or its archive declares."""

from importlib.resources import files

import pytest
import spdx

from filters.code.licence_names import is_permissive
from filters.code.licence_notices import notice, spdx_header
from filters.code.licence_texts import licence_of_text
from filters.code.licences import (
    archive_licences,
    declared_licence,
    licence_of_archive,
    speaks_of_licence,
    tells_licence,
)


def test_a_files_own_header_comes_as_its_expression() -> None:
    assert spdx_header("# SPDX-License-Identifier: MIT\n") == "MIT"
    assert spdx_header("/* SPDX-License-Identifier: GPL-2.0-or-later WITH Classpath-exception-2.0 */") == (
        "GPL-2.0-or-later WITH Classpath-exception-2.0"
    )
    assert spdx_header("x" * 5000 + "SPDX-License-Identifier: MIT") is None
    assert spdx_header("no licence") is None


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("Name: x\nLicense-Expression: BSD-3-Clause\nLicense: old\n", "BSD-3-Clause"),
        ("Name: x\nLicense: MIT\n", "MIT"),
        ("Name: x\nLicense: MIT License\n", "MIT"),
        ("Name: x\nLicense: GPLv2+\n", "GPL-2.0-or-later"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: Apache Software License\n", "Apache-2.0"),
        ("License: " + "long text " * 20 + "\nClassifier: License :: OSI Approved :: MIT License\n", "MIT"),
        ("Classifier: License :: OSI Approved\n", None),
        ("Name: x\n\nLicense: in the description\n", None),
    ],
)
def test_package_metadata(metadata: str, licence: str | None) -> None:
    assert declared_licence(metadata) == licence


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("MIT License\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy", "MIT"),
        ("Apache License\n   Version 2.0, January 2004", "Apache-2.0"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "GPL-3.0-only"),
        ("Redistribution and use in source and binary forms ... Neither the name of", "BSD-3-Clause"),
        ("All rights reserved.", None),
    ],
)
def test_licence_files(text: str, licence: str | None) -> None:
    assert licence_of_archive("x-1/LICENSE", text) == licence


def test_only_files_at_the_top_speak_for_an_archive() -> None:
    assert all(
        map(tells_licence, ["LICENSE", "x-1/LICENSE.txt", "x-1/COPYING", "x-1/PKG-INFO", "x-1.dist-info/METADATA"])
    )
    assert tells_licence("x-1.dist-info/licenses/LICENSE")
    assert not any(map(tells_licence, ["x-1/vendor/LICENSE", "x-1/licensed.py", "a/b/c/COPYING", "x-1/src/PKG-INFO"]))


EIGEN = """// This file is part of Eigen, a lightweight C++ template library
// for linear algebra.
//
// This Source Code Form is subject to the terms of the Mozilla
// Public License v. 2.0. If a copy of the MPL was not distributed
// with this file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef EIGEN_CORE_H
"""
GPL = """/*
 * This program is free software; you can redistribute it and/or modify
 * it under the terms of the GNU General Public License as published by
 * the Free Software Foundation; either version 2 of the License, or (at
 * your option) any later version.
 */
"""
MATHLIB = """/-
Copyright (c) 2015. All rights reserved.
Released under Apache 2.0 license as described in the file LICENSE.
-/
"""


@pytest.mark.parametrize(
    ("head", "licence"),
    [
        (EIGEN, "MPL-2.0"),
        (GPL, "GPL-2.0-or-later"),
        (GPL.replace("General", "Lesser General").replace("version 2", "version 2.1"), "LGPL-2.1-or-later"),
        (MATHLIB, "Apache-2.0"),
        ("! Permission is hereby granted, free of charge, to any\n! person obtaining a copy", "MIT"),
        ("# SPDX-License-Identifier: ISC\n" + GPL, "ISC"),
        ("x = 1  # GNU plotutils\n", None),
        ("\n" * 5000 + EIGEN, None),
    ],
)
def test_a_notice_at_the_top_of_a_file_counts(head: str, licence: str | None) -> None:
    assert notice(head) == licence


MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy"
BSD = "Redistribution and use in source and binary forms ... Neither the name of"


def test_a_library_carried_along_keeps_its_own_licence() -> None:
    licences = archive_licences(
        [("x-1/PKG-INFO", "License: MIT\n"), ("x-1/LICENSE", MIT), ("x-1/vendor/lib/COPYING", BSD)]
    )
    assert licences.of("x-1/vendor/lib/src/a.c") == "BSD-3-Clause"
    assert licences.of("x-1/vendor/b.c") == "MIT"
    assert licences.of("x-1/a.c") == "MIT"


def test_several_licences_of_a_folder_are_all_named() -> None:
    licences = archive_licences([("x/v/COPYING.BSD", BSD), ("x/v/COPYING.MIT", MIT), ("x/v/COPYING.NOTE", "see them")])
    assert licences.of("x/v/a.h") == "BSD-3-Clause AND MIT"
    assert licences.of("x/a.h") is None


def test_licence_files_are_looked_for_at_any_depth() -> None:
    assert speaks_of_licence("a/b/c/d/LICENCE.md")
    assert not speaks_of_licence("a/b/c/licensed.py")


MIT_0 = "Permission is hereby granted, free of charge, to any person obtaining a copy. THE SOFTWARE IS PROVIDED AS IS."


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (MIT_0, "MIT-0"),
        (
            "1. This LICENSE AGREEMENT\nPYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\n"
            + " ".join(f"word{one}" for one in range(40)),
            "PSF-2.0",
        ),
    ],
)
def test_texts_that_the_list_lacks(text: str, licence: str) -> None:
    assert licence_of_archive("p/LICENSE", text) == licence


def test_an_agreement_that_quotes_licences_of_its_parts_is_not_permissive() -> None:
    quoted = (files("spdx") / "data" / "MIT.txt").read_bytes().decode()
    own = " ".join(f"the customer shall not do act number{number} nor{number}" for number in range(400))
    told = licence_of_archive("p/LICENSE", f"{own}\n\n{quoted}")
    assert not is_permissive(told)


LGPL = "LGPL-2.1-or-later"
MIT_TEXT = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software …"
LGPL_NOTICE = (
    "This library is free software under the GNU Lesser General Public License, version 2.1 or any later version."
)


@pytest.mark.parametrize(
    ("files", "path", "licence"),
    [
        ({"r/doc/copying.txt": LGPL_NOTICE}, "r/src/a.c", LGPL),
        ({"r/LICENSES/MIT.txt": MIT_TEXT}, "r/src/a.c", "MIT"),
        ({"r/LICENSE": MIT_TEXT, "r/doc/copying.txt": LGPL_NOTICE}, "r/src/a.c", "MIT"),
        ({"r/LICENSE": MIT_TEXT, "r/src/opt/COPYRIGHT": LGPL_NOTICE}, "r/src/opt/a.c", LGPL),
        ({"r/LICENSE": MIT_TEXT, "r/COPYRIGHT": LGPL_NOTICE}, "r/a.c", "MIT"),
        ({"r/LICENSE-CODE": MIT_TEXT, "r/LICENSE-DOC": LGPL_NOTICE}, "r/a.v", "MIT"),
        ({"r/README.md": f"# Curves\n\n## Licence\n\n{LGPL_NOTICE}\n"}, "r/a.js", LGPL),
        ({"r/README": "Curves.\n\nThis software is licensed under the MIT License.\n"}, "r/a.c", "MIT"),
        ({"r/README": "A list of programs, some under the GPL.\n"}, "r/a.c", None),
        ({"r/LICENSE": MIT_TEXT, "r/README": "Licensed under the GPL, version 3.\n"}, "r/a.c", "MIT"),
        ({"r/COPYING": LGPL_NOTICE, "r/com/LICENCE": f"lib is licensed under this:\n{MIT_TEXT}"}, "r/com/a.c", LGPL),
        (
            {"r/COPYING": LGPL_NOTICE, "r/zlib/LICENSE": f"zlib is released under\n{MIT_TEXT}"},
            "r/zlib/a.c",
            "MIT",
        ),
        ({"r/LICENSE": "PNG Reference Library License version 2\n…"}, "r/png.c", "libpng-2.0"),
    ],
)
def test_where_a_repository_says_what_it_is_under(files: dict[str, str], path: str, licence: str | None) -> None:
    assert all(map(speaks_of_licence, files)) or "r/LICENSE-DOC" in files
    told = archive_licences((name, text) for name, text in files.items() if speaks_of_licence(name))
    assert told.of(path) == licence


def test_a_notice_beside_a_text_says_that_later_versions_may_be_chosen() -> None:
    told = archive_licences(
        [("r/COPYING", LGPL_NOTICE.replace(" or any later version", "")), ("r/COPYING.txt", LGPL_NOTICE)]
    )
    assert told.of("r/a.c") == LGPL


def test_isc_asks_for_its_notice_to_be_kept_and_zero_clause_bsd_does_not() -> None:
    texts = files("spdx") / "data"
    by_name = {
        one["id"]: (texts / one["template"]).read_text() for one in spdx.licenses() if one["id"] in ("ISC", "0BSD")
    }
    assert {name: licence_of_text(text) for name, text in by_name.items()} == {"ISC": "ISC", "0BSD": "0BSD"}
