r"""Tells which encoding a TeX file is written in that is not UTF-8 and declares nothing, or declares something wrong.

Every candidate codec reads the lines that hold bytes above 127, and what it makes of them is scored: letters and
characters that are common in the languages written with it count for it; rare ones, signs in the middle of a word,
capitals behind small letters and bytes that it does not know count against it. The best mean wins. The method is that
of Mozilla's detector (S. Li and K. Momoi, "A composite approach to language/encoding detection", 2001: coding scheme,
character distribution), without its tables of pairs: TeX files are mostly ASCII, and a few hundred letters decide.
"""

import re
from typing import NamedTuple

LONGEST_SAMPLE = 48_000
"""Bytes of lines with non-ASCII that are looked at."""
DECLARED_BONUS = 0.35
"""What a declaration is worth: a wrong one loses only against text that reads far better otherwise."""
_LATIN_BONUS = 0.08
"""Windows-1252 is by far the most common and wins where the letters do not decide."""
_RARE_BONUS = -0.4
_RARE = frozenset({"mac-roman", "mac-latin2", "mac-cyrillic", "cp850", "cp852", "cp866"})
"""Encodings of old systems, which turn a quotation mark or a fixed space of Windows into a plausible letter: a few
letters do not speak for them, a text in them does."""
_FEW = 6
_CAPITAL_WEIGHT = 3
"""A capital behind a small letter tells codecs apart that differ in a letter or two (`настоЯщей`)."""
_LEAST_WIDE = 0.3
"""Characters of two bytes must be this common on average; two accented letters in a row are not."""
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
_WIDE: dict[str, frozenset[str]] = {
    "gb18030": _SIMPLIFIED,
    "big5hkscs": _TRADITIONAL,
    "cp932": _JAPANESE,
    "euc_jp": _JAPANESE,
    "cp949": _KOREAN,
}
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё" + "іїєґўјљњћђџ"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ"
_WESTERN = ("éèêàçùîôâûëïœ", "äöüß", "áéíóúñü¿¡ºª", "ãõçáéíóúâêôà", "àèéìòù", "åäöøæé", "áðéíóúýþæö", "éëïöüèê")
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "ăâîşţșț", "čćžšđ", "äöüß", "áäčďéíľĺňóôŕšťúýž")
_NARROW: dict[str, tuple[str, ...]] = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1251": (_CYRILLIC,),
    "koi8-r": (_CYRILLIC,),
    "koi8-u": (_CYRILLIC,),
    "cp866": (_CYRILLIC,),
    "iso8859-5": (_CYRILLIC,),
    "mac-cyrillic": (_CYRILLIC,),
    "cp1253": (_GREEK,),
    "iso8859-7": (_GREEK,),
    "cp1254": ("çğıöşüâî",),
    "mac-roman": _WESTERN,
    "cp850": _WESTERN,
    "cp852": _CENTRAL,
    "mac-latin2": _CENTRAL,
}
_COMMON_LETTERS = frozenset("оеаинтсрвлкм" + "αετοισνηρκπυίόά")
"""Letters that make up most of a Russian or a Greek text; the others of the alphabet count less."""
_SCARCE = frozenset("õºª¿¡")
"""Western letters that no text holds alone: one that seems to is Hungarian (`Erdős`)."""
_TYPOGRAPHIC = frozenset("“”‘’„‚–—…«»§°©®±µ·×²³¡¿€\u00a0№")
_CJK_MARKS = re.compile(r"[\u3000-\u303f\uff01-\uff5e]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_HIGH = re.compile(r"[^\x00-\x7f]")
_SIGN_INSIDE = re.compile(
    r"[a-z](?=[^\x00-\x7f])(?:[^\w\u2018\u2019\u2013\u2014\u00a0\u00ad\u00b7](?=[a-z])|[\u2018\u2019\u2013\u2014](?=[a-rt-z]\b))"
)
"""A sign between two letters; an apostrophe and a dash may stand there, but not before a single letter (`x’s`)."""
_MIXED_WORD = re.compile(r"[a-z][\u0370-\u04ff]|[\u0370-\u04ff][a-z]")
_CAPITAL_INSIDE = re.compile(
    r"[a-zа-яђ-џґα-ώ\u00df-\u00f6\u00f8-\u00ffąćęłńśźżčďěňřšťůžőűşğıă](?=[А-ЯЀ-ЏҐΑ-Ω\u00c0-\u00d6\u00d8-\u00deĄĆĘŁŃŚŹŻČĎĚŇŘŠŤŮŽŐŰŞĞĂŒŸ])"
)


class Guess(NamedTuple):
    """A codec and the mean score of what it reads, at most about 1."""

    codec: str
    score: float


def detect(raw: bytes, declared: str | None = None) -> Guess:
    """The codec that reads `raw` (not UTF-8) best; `declared` is preferred unless it reads far worse than another."""
    sample = _sample(raw)
    guesses = []
    for codec, common in _WIDE.items():
        score = _wide_score(sample, codec, common)
        if score >= _LEAST_WIDE or codec == declared:
            guesses.append(Guess(codec, score))
    for codec, languages in _NARROW.items():
        guesses.append(Guess(codec, _narrow_score(sample.decode(codec, "replace"), languages)))
    size = sum(byte > 0x7F for byte in sample)
    bonus = dict.fromkeys(_RARE, _RARE_BONUS * min(1, _FEW / max(size, 1))) | {"cp1252": _LATIN_BONUS}
    if declared is not None:
        bonus[declared] = DECLARED_BONUS
    # The first of equals: the dictionaries above stand in the order of how common the codecs are.
    return max(guesses, key=lambda guess: guess.score + bonus.get(guess.codec, 0.0))


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


def _wide_score(sample: bytes, codec: str, common: frozenset[str]) -> float:
    text = sample.decode(codec, "replace")
    high = _HIGH.findall(text)
    broken = text.count("\ufffd")
    if not high or broken > max(_MOST_BROKEN * len(high), 1 if len(high) > 60 else 0):
        return -1.0
    total = 0.0
    for letter in high:
        if letter in common:
            total += 1
        elif _KANA.match(letter):
            total += 0.9 if common is _JAPANESE else -0.3
        elif _HANGUL.match(letter):
            total += 0.5 if common is _KOREAN else -0.5
        elif _CJK_MARKS.match(letter):
            total += 0.6
        else:
            total += 0.25 if _IDEOGRAPH.match(letter) else -0.6
    return total / len(high) - 2 * broken / len(high)


def _narrow_score(text: str, languages: tuple[str, ...]) -> float:
    high = _HIGH.findall(text)
    if not high:
        return -1.0
    capitals = len(_CAPITAL_INSIDE.findall(text))
    odd = 1.5 * len(_SIGN_INSIDE.findall(text)) + len(_MIXED_WORD.findall(text))
    best = max(_letters_score(high, letters) for letters in languages)
    return best - (_CAPITAL_WEIGHT * capitals + odd) / len(high)


def _letters_score(high: list[str], letters: str) -> float:
    small, capital = frozenset(letters), frozenset(letters.upper())
    graded = letters[0] in _COMMON_LETTERS
    total = 0.0
    for letter in high:
        if letter in small:
            total += 0.7 if letter in _SCARCE or (graded and letter not in _COMMON_LETTERS) else 1.0
        elif letter in capital:
            total += 0.5
        elif letter in _TYPOGRAPHIC:
            total += 0.7
        elif letter == "\ufffd" or "\x80" <= letter <= "\x9f":
            total -= 2
        else:
            total -= 0.2 if letter.isalpha() else 0.6
    return total / len(high)
