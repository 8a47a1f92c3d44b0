"""Which licence a file or its archive declares."""

import pytest

from filters.code.licences import declared_licence, licence_of_archive, spdx_header, tells_licence


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
