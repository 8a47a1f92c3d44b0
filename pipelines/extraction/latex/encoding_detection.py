r"""Tells which encoding a TeX file is written in that is not UTF-8 and declares nothing, or declares something wrong.

Every candidate codec reads the lines that hold bytes above 127, and what it makes of them is scored by its likelihood:
logarithms of the shares that letters have in the languages written with it (`letters`), of common characters of
Chinese, Japanese and Korean, and of slips that no writer makes: a sign or a capital in the middle of a word, words of
two scripts, a consonant that stands alone. The most likely wins. The method is that of Mozilla's detector (S. Li and
K. Momoi, "A composite approach to language/encoding detection", 2001: coding scheme, character distribution), without
its tables of pairs: TeX files are mostly ASCII, and a few hundred letters decide.
"""

import math
import re
from collections import Counter
from typing import NamedTuple

from pipelines.extraction.latex.letters import LETTERS, RARE

LONGEST_SAMPLE = 24_000
"""Bytes of lines with non-ASCII that are looked at."""
DECLARED = (4.0, 0.7)
"""What a declaration is worth, once and for each letter: a wrong one loses only against text that reads far better."""
_CAPITAL, _CAPITAL_INSIDE, _SIGN_INSIDE, _MIXED, _LONE, _PAIR, _SANDWICH = 2.0, 4.0, 4.0, 3.0, 3.0, 1.0, 6.0
"""What these cost: a capital, one behind a small letter, a sign in a word, a word of two scripts or of letters and
digits, a letter that stands alone and is no word, two accented letters in a row, a character of two bytes between two
Latin letters."""
_SIGN, _ODD_SIGN, _BROKEN = 4.0, 7.0, 14.0
_COMMON_WIDE, _KANA_SHARE, _OTHER_WIDE, _LISTED_WIDE = 0.8, 0.5, 13.0, 10.0
_MOST_BROKEN = 0.004
"""Share of broken characters that a text in a wide encoding may hold (a line cut inside a character)."""

_CHINESE = frozenset(
    "的一是不了在人有我他中大上到子和你地出道也年得就那要下以生自去之家可里小心多天而能好都然日起成事只作想看文手十用主行"
    "方又如前所本面公同三已老知民分外但身高意把法此二理美月明其全工己者向情部正名定女力最新什打便位因重被走四第相次政"
    "海口使教西再平真世信北少加化由代入先山五太水市才比住性通目立命活件安表原白路期常提感何更反合放做系或司利受光果界及"
    "今制解各任至清物共接它特直服建南度色字交百元社功指思非流每快言往近留治周保半必城父步完深即求品量空技程告基派式"
    "息令德收未持取始版史商千片容研找友改形委早房音首影失函集合群域引推命式等限式若存唯足任意"
)
_SIMPLIFIED = _CHINESE | frozenset(
    "这来国个说们为时会着过学对么没于还发当无开见经头从动两长样现将些与进实回点种声话儿问机给几很业间电门东听气关并内却军"
    "产万体别处总场师书员华报难数应车计务边风题统请爱让认算论义科术结连远资队带条院变联权展该领传红决达办运强革区士转"
    "众轻语满写识极设双历越广议际则单据导网专证阵环矩阵题义断积线级数维极值闭开紧"
)
_TRADITIONAL = _CHINESE | frozenset(
    "這來國個說們為時會著過學對麼沒於還發當無開見經頭從動兩長樣現將些與進實回點種聲話問機給幾很業間電門東聽氣關並內卻軍"
    "產萬體別處總場師書員華報難數應車計務邊風題統請愛讓認算論義科術結連遠資隊帶條院變聯權展該領傳決達辦運強革區士轉"
    "眾輕語滿寫識極設雙歷越廣議際則單據導網專證陣環矩題斷積線級維值閉緊"
)
_JAPANESE = frozenset(
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者地合市業内相方四定今回新場金入立開手力"
    "学問高代明実関決子動全目表経通外最言現理調体化当約主題下意法不来作性的要用制度小成期公取都和統以機平総加山思世受"
    "多続進正設数記初北指心界支第結点教書活原先共得解名交向際面文反元重近考判認利組知道信集在件別物任引使求所次水半品"
    "論計増係感特示変基私各始直両式確提運終果広容必応演能無再位置真流有過局少検状工語空証与可構割身付切由説転比難補研"
    "断何足番規術導備算視条究起述線率質例然限環験形造低移差個門写評末若極種命含量非核察整型字答況音様識注達群環体射像"
)
_KOREAN = frozenset(
    "이다는의가에을로고하지은인기도를사리어한자정그나시아수대서해일과부으라만들있제상스것적여전동안보장주유원소구선마게우"
    "거관니국생비계속용말무조오었성문경교각학모양공방실화명함없당려미물중러간신발세내때면반바단직후산야법요진할결표점된또"
    "개위변분등까같통연건예치심입음임재외받특론증집필저체식터추념현군환값"
)
_WIDE: dict[str, tuple[frozenset[str], str, float]] = {
    "gb18030": (_SIMPLIFIED, "gb2312", 2),
    "big5hkscs": (_TRADITIONAL, "big5", 3),
    "cp932": (_JAPANESE, "shift_jis", 3),
    "euc_jp": (_JAPANESE, "euc_jp", 3),
    "cp949": (_KOREAN, "euc_kr", 3),
}
"""Encodings of two bytes: common characters, the codec of those that are in use at all, how rare the encoding is."""
_WESTERN = ("names", "fr", "de", "es", "it", "pt", "sv", "da", "nb", "fi", "nl", "ca", "is")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "de")
_CYRILLIC = ("ru", "uk", "bg", "be", "sr", "mk")
_NARROW: dict[str, tuple[tuple[str, ...], float]] = {
    "cp1252": (_WESTERN, 0),
    "cp1250": (_CENTRAL, 2),
    "iso8859-2": (_CENTRAL, 2),
    "cp1251": (_CYRILLIC, 2),
    "koi8-r": (_CYRILLIC, 3),
    "koi8-u": (_CYRILLIC, 4),
    "cp866": (_CYRILLIC, 5),
    "iso8859-5": (_CYRILLIC, 5),
    "mac-cyrillic": (_CYRILLIC, 6),
    "cp1253": (("el",), 3),
    "iso8859-7": (("el",), 3),
    "cp1254": (("tr",), 3),
    "cp1257": (("lt", "lv", "et"), 4),
    "iso8859-15": (_WESTERN, 2),
    "mac-roman": (_WESTERN, 5),
    "cp850": (_WESTERN, 5),
    "cp437": (_WESTERN, 6),
    "cp852": (_CENTRAL, 6),
    "mac-latin2": (_CENTRAL, 6),
}
"""Encodings of one byte: the languages written in them, and how rare they are (a logarithm)."""
_TYPOGRAPHIC = frozenset("“”‘’„‚–—…«»§°©®±µ·×²³¡¿€£\u00a0№")
_WORDS_OF_ONE = frozenset("àáâéèêóòôíìúëăîåöőàéиввскоуяаіїйєηοήόὁαш")
"""Letters that are words by themselves in one of the languages (`è`, `à`, `é`, `ő`, `и`, `η`)."""
_CJK_MARKS = re.compile(r"[\u3000-\u303f\uff01-\uff5e]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HIGH = re.compile(r"[^\x00-\x7f]")
_INSIDE = re.compile(
    r"[a-z](?=[^\x00-\x7f])(?:[^\w\u2018\u2019\u2013\u2014\u00a0\u00ad\u00b4\u00b7](?=[a-z])|[\u2018\u2019\u2013\u2014](?=[a-rt-z]\b))"
    r"|[\u00bc-\u00be\u00b8](?=[a-z])"
)
"""A sign between two letters; an apostrophe and a dash may stand there, but not before a single letter (`x’s`).
Fractions stand before no letter."""
_MIXED_WORD = re.compile(r"[a-z][\u0370-\u04ff]|[\u0370-\u04ff][a-z]|\d[^\W\d_a-zA-Zµºª]|[^\W\d_a-zA-Zµºª](?=\d)")
_CAPITAL_BEHIND = re.compile(
    r"[a-zа-яђ-џґα-ώ\u00df-\u00f6\u00f8-\u00ffąćęłńśźżčďěňřšťůžőűşğıă](?=[А-ЯЀ-ЏҐΑ-Ω\u00c0-\u00d6\u00d8-\u00deĄĆĘŁŃŚŹŻČĎĚŇŘŠŤŮŽŐŰŞĞĂŒŸ])"
)
_ALONE = re.compile(r"(?<![^\s(])([^\W\d_a-zA-Z])(?=[\s,.;:)])")
_TWO_ACCENTED = re.compile(r"[\u00c0-\u024f](?=[\u00c0-\u024f])")
_BETWEEN_LATIN = re.compile(r"[a-z][\u3041-\uffdc](?=[a-z])")


class Guess(NamedTuple):
    """A codec and how probable what it reads is (a logarithm)."""

    codec: str
    score: float


def detect(raw: bytes, declared: str | None = None) -> Guess:
    """The codec that reads `raw` (not UTF-8) best; `declared` is preferred unless it reads far worse than another."""
    sample = _sample(raw)
    guesses = [
        Guess(codec, _wide_score(sample, codec, common, listed) - rare)
        for codec, (common, listed, rare) in _WIDE.items()
    ]
    guesses += [
        Guess(codec, _narrow_score(sample.decode(codec, "replace"), languages) - rare)
        for codec, (languages, rare) in _NARROW.items()
    ]
    size = sum(byte > 0x7F for byte in sample)
    bonus = DECLARED[0] + DECLARED[1] * size
    # The first of equals: the dictionaries above stand in the order of how common the codecs are.
    return max(guesses, key=lambda guess: guess.score + (bonus if guess.codec == declared else 0.0))


def known(codec: str) -> bool:
    """Whether `detect` has something to compare this codec by."""
    return codec in _WIDE or codec in _NARROW


def _sample(raw: bytes) -> bytes:
    lines: list[bytes] = []
    size = 0
    for line in raw.splitlines():
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > LONGEST_SAMPLE:
                break
    return b"\n".join(lines)[: 2 * LONGEST_SAMPLE]


def _wide_score(sample: bytes, codec: str, common: frozenset[str], listed: str) -> float:
    text = sample.decode(codec, "replace")
    high = Counter(_HIGH.findall(text))
    size = high.total()
    broken = high.pop("\ufffd", 0)
    if not size or broken > max(_MOST_BROKEN * size, 1 if size > 60 else 0):
        return -math.inf
    frequent = math.log(_COMMON_WIDE / len(common))
    kana = math.log(_KANA_SHARE / 83) if common is _JAPANESE else -_LISTED_WIDE
    total = -_BROKEN * broken - _SANDWICH * len(_BETWEEN_LATIN.findall(text))
    for letter, count in high.items():
        if letter in common:
            total += count * frequent
        elif _KANA.match(letter):
            total += count * kana
        elif _CJK_MARKS.match(letter):
            total -= count * _SIGN
        else:
            total -= count * (_LISTED_WIDE if _encodable(letter, listed) else _OTHER_WIDE)
    return total


def _encodable(letter: str, codec: str) -> bool:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _narrow_score(text: str, languages: tuple[str, ...]) -> float:
    high = Counter(_HIGH.findall(text))
    slips = (
        _CAPITAL_INSIDE * len(_CAPITAL_BEHIND.findall(text))
        + _SIGN_INSIDE * len(_INSIDE.findall(text))
        + _MIXED * len(_MIXED_WORD.findall(text))
        + _LONE * sum(letter.lower() not in _WORDS_OF_ONE for letter in _ALONE.findall(text))
        + _PAIR * len(_TWO_ACCENTED.findall(text))
        + _LONE * abs(text.count("«") - text.count("»"))
    )
    letters: list[tuple[str, int]] = []
    for letter, count in high.items():
        if letter in _TYPOGRAPHIC:
            slips += count * _SIGN
        elif letter == "\ufffd" or "\x80" <= letter <= "\x9f":
            slips += count * _BROKEN
        elif not letter.isalpha():
            slips += count * _ODD_SIGN
        else:
            small = letter.lower()
            slips += count * _CAPITAL * (small != letter)
            letters.append((small, count))
    rare = math.log(RARE)
    best = max(sum(count * LETTERS[language].get(letter, rare) for letter, count in letters) for language in languages)
    return best - slips
