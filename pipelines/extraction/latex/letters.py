r"""How often the letters outside ASCII occur in the languages of papers, for telling encodings apart.

Of a thousand such letters of a language, so many are each of these. Counted in the translations of the manual pages of
Debian (manpages-l10n 4.18, every second page) and of Django 4.2, small letters only; `names` is English with the names
of people in it, as mathematical papers have them.
"""

import math
from collections.abc import Mapping

RARE = 0.0004
"""Share of a letter that a language does not have: it occurs in names and quotations."""

_COUNTED = {
    "names": "é240 ö170 ü120 ä60 ó60 á60 è50 ø40 í40 ñ30 ç30 ã20 ß15 ô10 ê10 å10 ë10 æ5 ï5 ú10 î3 õ2",
    "fr": "é695 è102 à89 ê51 ç15 î13 ô12 â6 ù4 œ4 û3 ï2 ë1",
    "de": "ü483 ä309 ö130 ß76 é2",
    "es": "ó386 á263 í131 ú93 é80 ñ39 ü3 º1 ª1",
    "it": "è610 à145 ò98 ù93 ì23 é27",
    "pt": "ã265 ç197 é129 á121 ó58 õ55 í55 ê52 ú42 à12 â8 ô5 º1",
    "sv": "ä546 ö265 å184 é5",
    "da": "æ424 å289 ø262 é24",
    "nb": "å546 ø329 æ95 é15 ò5 ô5",
    "fi": "ä875 ö120 å3 é1",
    "nl": "é300 ë280 ï200 ó90 ö40 ä20 ü20 á15 è25 ê5 ç3",
    "ca": "à234 ó211 é139 è107 í81 ï70 ú55 ç51 ò38 ü13",
    "is": "ð226 á162 í149 þ117 ó89 ú70 ö81 æ54 é39 ý12",
    "et": "ä515 õ286 ü158 ö31 š6 ž3",
    "pl": "ą176 ł172 ż149 ę140 ó124 ś124 ć78 ń30 ź8",
    "cs": "í237 á162 ř108 é93 ě88 ž79 č72 ý65 š62 ů36 ú9 ó3 ň3 ť3 ď2",
    "sk": "á219 í132 ž83 ť65 č94 é82 š75 ú72 ý69 ó37 ľ38 ň18 ô12 ď10 ä4 ĺ1 ŕ1",
    "hu": "á317 é255 ó102 í88 ö81 ő78 ü37 ú24 ű18",
    "ro": "ă462 ş198 ţ156 î100 â63",
    "hr": "š318 č276 ž209 ć135 đ62",
    "sl": "č463 š409 ž128",
    "lt": "ų170 š183 ž130 ė185 į95 ą92 ū88 č41 ę16",
    "lv": "ā351 ē172 ī200 š110 ū81 ļ27 ņ31 ģ12 ž12 ķ8 č6",
    "tr": "ı443 ç135 ü142 ş112 ğ94 ö74 â1 î1",
    "ru": (
        "о102 е87 а82 и72 т69 н64 с57 р53 в44 л41 п33 м33 к30 д29 я24 у22 ы22 з19 й15 ч14 ь14 б14 г10 ю8 ж8 "
        "х7 ф6 ц6 щ5 э4 ш3 ё2 ъ1"
    ),
    "uk": (
        "о96 а87 н79 и64 в54 е51 т50 р47 і46 к43 д38 с38 м35 у35 п32 л31 я29 з26 б16 ь12 й11 ч11 г10 є8 ж8 х7 "
        "ц7 ю6 щ6 ф6 ш6 ї4 ґ1"
    ),
    "bg": (
        "а114 е107 и100 т78 о73 н69 р55 с49 в42 л39 д38 п32 м28 к27 з25 б19 ъ17 я15 у13 ч11 г11 й8 ц7 ж7 ш5 ф5 щ3 х2 ю1"
    ),
    "be": (
        "а157 н79 і53 е49 л46 ы41 с40 р38 к37 я36 п34 т33 д33 ц32 ь31 м30 з29 в28 о27 у22 б21 ў18 э17 ч15 г13 "
        "ш10 й7 х6 ж5 ё4 ю3 ф3"
    ),
    "sr": (
        "а119 е100 и90 о88 р59 н57 т49 с48 у47 п43 к42 в42 д37 ј30 з27 м25 л21 г13 б13 ц10 ш8 ч7 њ7 љ6 ћ4 ђ3 "
        "ж3 ф2 х2 џ1"
    ),
    "mk": (
        "а120 и108 е107 о87 н72 т66 р55 с51 д43 к41 в35 л34 м28 п27 з19 ј18 б17 у17 г14 ш10 ц9 ч7 ж4 њ4 ф3 ќ3 "
        "ѓ1 љ1 ѕ1 џ1"
    ),
    "el": (
        "α98 ε91 τ72 ι71 ο69 ν54 ρ52 σ44 μ44 π38 κ33 η33 ί27 λ27 ς26 υ23 έ22 γ22 δ21 ά20 ή17 ό17 χ15 ω14 θ12 "
        "φ9 ύ9 β7 ώ5 ξ4 ζ3 ψ2 ϊ1 ϋ1"
    ),
}


def _logarithms(counted: str) -> Mapping[str, float]:
    counts = {word[0]: int(word[1:]) for word in counted.split()}
    total = sum(counts.values())
    return {letter: math.log(count / total) for letter, count in counts.items()}


LETTERS: Mapping[str, Mapping[str, float]] = {name: _logarithms(counted) for name, counted in _COUNTED.items()}
"""For each language, the logarithm of each small letter's share of its letters outside ASCII."""
