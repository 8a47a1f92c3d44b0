"""What a package declares to its index counts where no licence file stands; a choice that a text offers is one."""

import pytest

from filters.code.licence_choice import offered_choice
from filters.code.licences import archive_licences, speaks_of_licence
from filters.code.package_metadata import licence_of_package


@pytest.mark.parametrize(
    ("name", "text", "licence"),
    [
        ("package.json", '{"name": "x", "license": "(MIT OR Apache-2.0)"}', "(MIT OR Apache-2.0)"),
        ("package.json", '{"license": {"type": "ISC", "url": "x"}}', "ISC"),
        ("package.json", '{"license": "SEE LICENSE IN x"}', None),
        ("package.json", '{"license": "UNLICENSED"}', None),
        ("package.json", "{not JSON", None),
        ("Cargo.toml", '[package]\nlicense = "MIT OR Apache-2.0"\n', "MIT OR Apache-2.0"),
        ("pyproject.toml", '[project]\nlicense = {text = "BSD-3-Clause"}\n', "BSD-3-Clause"),
        ("pyproject.toml", '[project]\nlicense = {file = "LICENSE"}\n', None),
        ("DESCRIPTION", "Package: x\nLicense: GPL (>= 2)\n", "GPL-2.0-or-later"),
        ("DESCRIPTION", "License: MIT + file LICENSE\n", "MIT"),
        ("DESCRIPTION", "License: GPL-2 | GPL-3\n", "GPL-2.0-only OR GPL-3.0-only"),
        ("x.cabal", "name: x\nlicense:   BSD3\n", "BSD-3-Clause"),
        ("CITATION.cff", 'cff-version: 1.2.0\nlicense: "MIT"\n', "MIT"),
        ("codemeta.json", '{"license": "https://spdx.org/licenses/GPL-3.0-only"}', "GPL-3.0-only"),
    ],
)
def test_licences_that_indexes_are_told(name: str, text: str, licence: str | None) -> None:
    assert licence_of_package(f"p/{name}", text) == licence


def test_a_licence_file_comes_before_the_metadata() -> None:
    package = ("p/package.json", '{"license": "MIT"}')
    assert speaks_of_licence(package[0]) and not speaks_of_licence("p/deep/package.json")
    assert archive_licences([package]).of("p/a.py") == "MIT"
    gpl = ("p/COPYING", "GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007")
    assert archive_licences([package, gpl]).of("p/a.py") == "GPL-3.0-only"


def test_the_package_says_that_one_of_two_texts_may_be_chosen() -> None:
    texts = [("p/LICENSE-A", "Boost Software License - Version 1.0"), ("p/LICENSE-B", "CC0 1.0 Universal")]
    assert archive_licences(texts).of("p/a.rs") == "BSL-1.0 AND CC0-1.0"
    package = ("p/Cargo.toml", '[package]\nlicense = "CC0-1.0 OR BSL-1.0"\n')
    assert archive_licences([*texts, package]).of("p/a.rs") == "CC0-1.0 OR BSL-1.0"
    other = ("p/Cargo.toml", '[package]\nlicense = "CC0-1.0 OR MIT"\n')
    assert archive_licences([*texts, other]).of("p/a.rs") == "BSL-1.0 AND CC0-1.0"


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("JSZip is dual licensed. At your choice you may use it under the MIT license *or* the GPLv3 license.",
         "GPL-3.0-only OR MIT"),
        ("Licensed under either of Apache License, Version 2.0 or MIT license at your option.", "Apache-2.0 OR MIT"),
        ("Use it under the terms of either the BSD License or the GNU General Public License (GPL) Version 2.",
         "BSD-3-Clause OR GPL-2.0-only"),
        ("either version 2 of the GNU General Public License, or (at your option) any later version", None),
        ("This is under the MIT license and the Apache license.", None),
    ],
)  # fmt: skip
def test_a_choice_that_a_text_offers(text: str, licence: str | None) -> None:
    assert offered_choice(text, None) == licence
