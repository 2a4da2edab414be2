"""The languages that tags name, as ISO 639-2 codes."""

from __future__ import annotations

import re

# The terminological code, then what else tags have for it: ISO 639-1, the bibliographic code, its names.
_LANGUAGES = """
afr af afrikaans|ara ar arabic العربية|bel be belarusian беларуская|ben bn bengali বাংলা
bre br breton brezhoneg|bul bg bulgarian български
cat ca catalan català|ces cs cze czech čeština|cym cy wel welsh cymraeg
dan da danish dansk|deu de ger german deutsch|ell el gre greek ελληνικά|eng en english|est et estonian eesti
eus eu baq basque euskara|fas fa per persian farsi فارسی|fao fo faroese føroyskt|fil tl tgl filipino tagalog
fin fi finnish suomi|fra fr fre french français|gla gd gaelic gàidhlig|gle ga irish gaeilge
glg gl galician galego|heb he iw hebrew עברית|hin hi hindi हिन्दी|hrv hr scr croatian hrvatski
hun hu hungarian magyar|hye hy arm armenian հայերեն|ind id in indonesian|isl is ice icelandic íslenska
ita it italian italiano|jpn ja jp japanese 日本語|kat ka geo georgian ქართული|kaz kk kazakh қазақ
kor ko korean 한국어|lat la latin|lav lv latvian latviešu|lit lt lithuanian lietuvių|mar mr marathi मराठी
mkd mk mac macedonian македонски|mon mn mongolian монгол|msa ms may malay|nld nl dut dutch nederlands
nor no nb nn nob nno norwegian norsk|pan pa punjabi ਪੰਜਾਬੀ|pol pl polish polski|por pt portuguese português
ron ro rum romanian română|rus ru russian русский|slk sk slo slovak slovenčina|slv sl slovenian slovenščina
spa es spanish español castellano|sqi sq alb albanian shqip|srp sr scc serbian српски srpski|swa sw swahili
swe sv swedish svenska|tam ta tamil தமிழ்|tel te telugu తెలుగు|tha th thai ไทย|tur tr turkish türkçe
ukr uk ukrainian українська|urd ur urdu اردو|vie vi vietnamese|yid yi yiddish|yue cantonese 粵語 粤语
zho zh chi cmn chinese mandarin 中文 汉语 漢語
"""
_CODES = {
    name: language.split()[0]
    for language in re.split(r"[|\n]", _LANGUAGES.strip())
    for name in language.split()
}
_UNSAID = frozenset({"und", "xxx", "mul", "mis", "zxx", "\0\0\0"})


def language_codes(text: str) -> tuple[str, ...]:
    """The codes of the languages that a tag's text names: such as `engger`, `en-US; Deutsch`, `fre`."""
    names = re.split(r"[\s,;/|&+\0()]+", text.casefold())
    codes = [code for name in names for code in _codes(name)]
    return tuple(dict.fromkeys(codes))


def _codes(name: str) -> list[str]:
    """One code, or several in one word, as ID3v2.3 has them."""
    code = language_code(name) or language_code(re.split("[-_]", name)[0])
    threes = re.findall("...", name)
    if not code and "".join(threes) == name and all(each in _CODES for each in threes):
        return [_CODES[each] for each in threes]
    return [code] if code else []


def language_code(name: str) -> str:
    """A language's code by a code or name of it; three letters that are not known stay, else ""."""
    name = name.casefold().strip()
    is_code = len(name) == 3 and name.isascii() and name.isalpha() and name not in _UNSAID
    return _CODES.get(name, name if is_code else "")


def is_language(name: str) -> bool:
    """Whether a name or code is known, or says that the language is not."""
    return name in _CODES or name in _UNSAID
