"""The encodings of texts that don't say theirs: whole lyrics, single accents, binary data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groovecli.audio.encodings import decoded_text, repaired

WESTERN = ("french", "german", "spanish", "icelandic", "english")
# Made up; of 20 to 60 words, with the encodings in which files of the language are found.
SONGS = {
    "japanese": (
        """夜明けの街を一人で歩いてる
君の声がまだ耳に残っているから
忘れたはずの歌が風に乗って
遠い海まで流れていくよ
会いたくて会えなくて空を見上げた
涙の数だけ強くなれるなんて""",
        ("cp932", "euc_jp", "iso2022_jp"),
    ),
    "chinese": (
        """我站在窗前看着雨慢慢落下
城市的灯火照亮你的脸
如果时间可以倒流回到从前
我会告诉你我有多么想念
一个人走在没有尽头的路上
风吹过海面带走了你的名字""",
        ("gb18030",),
    ),
    "chinese-trad": (
        """我站在窗前看著雨慢慢落下
城市的燈火照亮你的臉
如果時間可以倒流回到從前
我會告訴你我有多麼想念
一個人走在沒有盡頭的路上
風吹過海面帶走了你的名字""",
        ("big5",),
    ),
    "korean": (
        """너를 처음 본 그 날이 아직 생각나
비 내리는 거리에서 혼자 걸었어
내 마음은 왜 이렇게 아픈 걸까
돌아와 줘 나는 여기 있을게
밤하늘의 별처럼 빛나는 너
사랑한다고 말하지 못했어""",
        ("euc_kr",),
    ),
    "russian": (
        """Я иду один по тёмной улице домой
А за окном опять идёт холодный дождь
Ты помнишь, как мы пели под луной?
Теперь меня ты больше не зовёшь
Ветер уносит мои слова
Сердце стучит, как поезд вдалеке""",
        ("cp1251", "koi8_r", "cp866", "iso8859_5"),
    ),
    "ukrainian": (
        """Я йду додому через темний гай
Зоря над річкою тихенько світить
Скажи мені, що любиш, не мовчай
Бо вже весна і скоро буде літо
Вітер несе мою пісню за море
Серце моє, не плач і не болій""",
        ("cp1251", "koi8_u"),
    ),
    "polish": (
        """Idę sam przez puste miasto nocą
Gwiazdy świecą nad rzeką cicho
Powiedz mi, że kiedyś jeszcze wrócisz
Moje serce bez ciebie jest całkiem samo
Wiatr niesie moje słowa daleko stąd
Nie płacz, kochana, jutro będzie lepiej""",
        ("cp1250", "iso8859_2"),
    ),
    "czech": (
        """Jdu sám prázdným městem nocí dál
Hvězdy svítí nad řekou tiše
Řekni mi, že se jednou vrátíš zas
Mé srdce bez tebe je úplně samo
Vítr nese moje slova daleko
Neplač, lásko, zítra bude líp""",
        ("cp1250",),
    ),
    "hungarian": (
        """Egyedül járok az üres városban éjjel
Csillagok fénylenek a folyó felett
Mondd el nekem, hogy egyszer visszatérsz
Szívem nélküled olyan magányos és hideg
A szél elviszi messzire minden szavam
Ne sírj, kedvesem, holnap jobb lesz talán""",
        ("cp1250",),
    ),
    "greek": (
        """Περπατώ μόνος στην άδεια πόλη τη νύχτα
Τα αστέρια λάμπουν πάνω απ' το ποτάμι
Πες μου πως κάποτε θα γυρίσεις πάλι
Η καρδιά μου χωρίς εσένα είναι μόνη
Ο άνεμος παίρνει τα λόγια μου μακριά
Μην κλαις, αγάπη μου, αύριο θα 'ναι καλύτερα""",
        ("cp1253", "iso8859_7"),
    ),
    "turkish": (
        """Gece boş şehirde tek başıma yürüyorum
Yıldızlar nehrin üstünde sessizce parlıyor
Söyle bana bir gün geri döneceğini
Kalbim sensiz çok yalnız, çok soğuk
Rüzgâr sözlerimi uzaklara taşıyor
Ağlama sevgilim, yarın daha güzel olacak""",
        ("cp1254",),
    ),
    "hebrew": (
        """אני הולך לבד ברחוב ריק בלילה
הכוכבים זורחים מעל הנהר בשקט
תגידי לי שיום אחד תחזרי אליי
הלב שלי בלעדייך כל כך בודד
הרוח לוקחת את המילים שלי רחוק
אל תבכי אהובתי מחר יהיה טוב יותר""",
        ("cp1255",),
    ),
    "arabic": (
        """أمشي وحيدا في المدينة الخالية ليلا
النجوم تضيء فوق النهر بهدوء
قولي لي إنك يوما ستعودين
قلبي بدونك وحيد جدا يا حبيبتي
الريح تحمل كلماتي بعيدا عني
لا تبكي يا حبيبتي غدا يكون أجمل""",
        ("cp1256",),
    ),
    "thai": (
        """ฉันเดินคนเดียวในเมืองที่ว่างเปล่ายามค่ำคืน
ดวงดาวส่องแสงเหนือแม่น้ำอย่างเงียบงัน
บอกฉันว่าสักวันเธอจะกลับมา
หัวใจของฉันเหงาเหลือเกินเมื่อไม่มีเธอ
สายลมพัดพาคำพูดของฉันไปไกล
อย่าร้องไห้เลยที่รัก พรุ่งนี้จะดีกว่า""",
        ("cp874",),
    ),
    "latvian": (
        """Eju viens caur tukšu pilsētu naktī
Zvaigznes klusi spīd virs upes
Saki man, ka reiz tu atgriezīsies
Mana sirds bez tevis ir tik vientuļa
Vējš aiznes manus vārdus tālu prom
Neraudi, mīļā, rīt būs labāk""",
        ("cp1257",),
    ),
    "french": (
        """Les étoiles brillent au-dessus de l'eau
Mon cœur sans toi est si froid, si lourd
Le vent emporte au loin mes mots d'été
On chantera encore les vieilles chansons
Où nous dansions pieds nus dans les prés
Où sont passés tes yeux bleus à présent""",
        ("cp1252", "iso8859_15"),
    ),
    "german": (
        """Ich gehe allein durch die leere Stadt bei Nacht
Die Sterne glänzen über dem Fluss so still
Sag mir, dass du irgendwann zurückkommst
Mein Herz ist ohne dich so schwer und kühl
Der Wind trägt meine Wörter über die Hügel
Weine nicht, mein Schatz, es wird schon schön""",
        ("cp1252",),
    ),
    "spanish": (
        """Camino solo por la ciudad vacía
Las estrellas brillan sobre el río
Dime que algún día volverás aquí
Mi corazón sin ti está tan frío
El viento se lleva mis palabras lejos
No llores, mi niña, mañana será mejor""",
        ("cp1252",),
    ),
    "icelandic": (
        """Ég geng einn um auða borg í nótt
Stjörnurnar skína yfir ánni hljótt
Segðu mér að þú komir aftur heim
Hjarta mitt án þín er svo kalt og þungt
Vindurinn ber orð mín langt í burt
Ekki gráta, ástin mín, á morgun verður betra""",
        ("cp1252",),
    ),
    "english": (
        """I’m walking alone through the empty town tonight
The stars are shining “so quiet” on the river
Tell me you’re coming back to me someday
My heart’s so cold without you, can’t you see
The wind just carries all my words away
Don’t cry, my darling, it’ll be alright""",
        ("cp1252",),
    ),
}
FILES = [(language, encoding) for language, (_, encodings) in SONGS.items() for encoding in encodings]
OTHERS = [(language, encoding) for language, encoding in FILES if language not in WESTERN]
ENGLISH = "Oh yeah, I love you so\nWe can dance until the morning light\n" * 3


@pytest.mark.parametrize(("language", "encoding"), FILES)
def test_lyrics_in_old_encodings(language: str, encoding: str) -> None:
    text = SONGS[language][0]
    for whole in (text, f"[ar:Some One]\r\n[00:01.00]{text}", ENGLISH + text, text.upper()):
        data = whole.encode(encoding, "ignore")
        found = decoded_text(data)
        assert found
        assert found.text == data.decode(encoding)
        assert found.encoding


@pytest.mark.parametrize(("language", "encoding"), OTHERS)
def test_tags_that_say_latin_1_and_are_not(language: str, encoding: str) -> None:
    text = SONGS[language][0]
    found = repaired(text.encode(encoding).decode("latin-1"), is_said=False)
    assert found
    assert found.text == text
    assert found.encoding


@pytest.mark.parametrize("language", WESTERN)
def test_western_tags_stay(language: str) -> None:
    text = SONGS[language][0]
    for line in (text, *text.splitlines()):
        as_latin_1 = line.encode("cp1252").decode("latin-1")
        for read in (line, as_latin_1):
            found = repaired(read, is_said=False)
            assert found
            assert (found.text, found.encoding) == (line, "")
        assert repaired(line, is_said=True) == found


@pytest.mark.parametrize("text", [SONGS[language][0] for language in SONGS])
def test_unicode_that_is_right_stays(text: str) -> None:
    found = repaired(text, is_said=True)
    assert found
    assert (found.text, found.encoding) == (text, "")


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8"])
def test_unicode_that_was_read_wrongly_is_read_anew(encoding: str) -> None:
    text = SONGS["russian"][0]
    found = repaired(text.encode(encoding).decode("latin-1"), is_said=True)
    assert found
    assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize(
    "text",
    ["café", "don’t", "Zoë", "à la mode", "déjà vu", "el niño", "“hello”", "ÉTÉ", "Mötley Crüe", "5 £"],
)
def test_a_single_accent_is_western(text: str) -> None:
    for whole in (text, f"and {text} again", ENGLISH + text):
        found = decoded_text(whole.encode("cp1252"))
        assert found
        assert found.text == whole


def test_a_sign_within_a_word_spoils_no_text() -> None:
    text = ENGLISH * 3 + "250°C and ½hour"
    found = decoded_text(text.encode("cp1252"))
    assert found
    assert found.text == text


def test_albanian_is_not_baltic() -> None:
    text = "Yjet shkëlqejnë mbi lumë në qetësi, zemra ime pa ty është e ftohtë, çfarë të bëj"
    found = decoded_text(text.encode("cp1252"))
    assert found
    assert found.text == text


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8"])
def test_unicode_files(encoding: str, mark: bool) -> None:
    for text, _ in SONGS.values():
        found = decoded_text((mark * "\ufeff" + text).encode(encoding))
        assert found
        assert found.text == text
        assert bool(found.encoding) == (not mark and encoding != "utf-8")


def test_a_fault_leaves_utf_8_what_it_is() -> None:
    found = decoded_text(SONGS["greek"][0].encode()[:-1])
    assert found
    assert (found.text[:-1], found.encoding) == (SONGS["greek"][0][:-1], "utf-8")


@given(st.text())
def test_utf_8_comes_back(text: str) -> None:
    text = "".join(c for c in text if c >= " " and c not in "\ufeff\ufffd")
    found = decoded_text(text.encode())
    assert found
    assert (found.text, found.encoding) == (text, "")


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_not(data: bytes) -> None:
    found = decoded_text(data)
    assert found is None or isinstance(found.text, str)


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0" + bytes(range(256)) * 4,
        bytes(range(1, 256)) * 9,
        b"a\0b",
        bytes(range(0x80, 0x100)) * 3,
        "ФЫВА".encode("cp1251").join([b"xyz", b"\xff\xfezA", b"q\x81\x8d"]) * 5,
    ],
)
def test_what_makes_no_words_is_not_guessed(data: bytes) -> None:
    assert decoded_text(data) is None
