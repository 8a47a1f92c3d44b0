"""Which licence a file or its archive declares."""

from importlib.resources import files

import pytest

from filters.code.licences import (
    archive_licences,
    declared_licence,
    is_permissive,
    licence_of_archive,
    notice,
    spdx_header,
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
