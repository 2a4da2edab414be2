"""Notes in the place of lyrics, which say that a song has no words."""

from __future__ import annotations

from collections.abc import Collection

# Beginnings of words for "instrumental", and what Chinese, Japanese, Korean and Thai have within a word.
_BEGINNINGS = (
    *("instrumental", "instrumentaal", "instrumentál", "inštrument", "instrumentell", "strumental"),
    *("инструментал", "інструментал", "enstrüman", "enstruman", "ορχηστρικ", "ινστρουμέντ"),
    *("אינסטרומנטל", "کلام", "インスト"),
)
_PARTS = ("纯音乐", "純音樂", "纯音樂", "純音乐", "インストゥルメンタル", "연주곡", "경음악", "บรรเลง")
_BESIDE = """
    this that song is it's its an a the track piece tune number music of it was for only purely pure version
    mix break section solo with has without no lyrics words vocals vocal
    dieses lied ist ein eine das stück titel musik nur rein reine ohne text gesang
    cette ce chanson morceau musique est une un la le l piste titre sans paroles c'est
    esta este es canción una tema pieza música pista sin letra é uma canção faixa peça sem
    questo questa brano canzone pezzo musica senza parole testo è
    dit een nummer liedje muziek zonder tekst den här det er denne sangen låten låt är utan ingen sang
    to jest utwór muzyka bez słów skladba hudba textu píseň ez egy zene szám szöveg nélkül
    это эта песня композиция музыка трек без слов вокала це ця пісня композиція музика слів
    bu şarkı parça müzik bir sözsüz nhạc không lời 请欣赏 请您欣赏 請欣賞 請您欣賞 曲 です 입니다 이 곡은 곡
"""
_WORDS_BESIDE = frozenset(_BESIDE.split())
_PHRASES = frozenset(
    tuple(phrase.split())
    for phrase in (
        *("no lyrics", "no words", "no vocals", "without lyrics", "without words", "no lyrics available"),
        *(
            "ohne text",
            "ohne gesang",
            "kein text",
            "sans paroles",
            "sin letra",
            "sem letra",
            "senza parole",
        ),
        *(
            "senza testo",
            "zonder tekst",
            "utan text",
            "bez słów",
            "bez textu",
            "без слов",
            "без слів",
            "sözsüz",
        ),
        *(
            "nhạc không lời",
            "歌詞なし",
            "无歌词",
            "無歌詞",
            "没有歌词",
            "沒有歌詞",
            "가사 없음",
            "가사없음",
        ),
    )
)


def is_instrumental(words: Collection[str]) -> bool:
    """Whether the words of a whole text, casefolded and each once, only say that the song has none."""
    if tuple(words) in _PHRASES:
        return True
    notes = [word for word in words if word.startswith(_BEGINNINGS) or any(part in word for part in _PARTS)]
    return bool(notes) and all(word in _WORDS_BESIDE or word in notes for word in words)
