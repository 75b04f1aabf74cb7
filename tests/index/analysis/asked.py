# ruff: noqa: E501
"""What the recorded answers of `_analyze` were asked for."""

from __future__ import annotations

from typing import Any, Final

WORDS: Final = (
    "", "   ", "...", "The QUICK brown fox's jumped", "don't can't o'clock rock'n'roll 'quoted' ''", "it’s John’s ‘so’",
    "1,234.56 3.14 1.2.3 1,2,3 1;2 1:2 10.0.0.1 v1.2 2.x 1a 3rd a1.b2 1.a a.1", "me@example.org Jo.Doe+x@mail.example",
    "https://example.org/a/b?q=1&r=two#top www.example.com", "snake_case __init__ a_b_1 _ __ 1_000 _x x_ a._b _1_",
    "C++ C# .NET node.js AT&T R&D 50% $5 -1 +2 1/2", "a.b.c a..b a:b a::b e.g. U.S.A. I.B.M.", "a,b a;b a'b a''b 1'2 1'a a'1",
    "tab\there\nline\r\nend\x0bvt\x0cff\x00nul\x1cfs\x1dgs\x1fus", "x" * 254, "x" * 255, "x" * 256, "x" * 511 + " y", "é" * 300,
    "1" * 255 + ".5", "a." * 200, "Müller ÆØÅ Straße ŒUVRE İstanbul ıI ΣΑΣ ﬁne Ⅷ ½ ² ①", "e\u0301te\u0301 n\u0303 o\u0308\u0304 \u0301 a\u0301.b",
    "soft\u00adhyphen zero\u200bwidth no\u200cjoin jo\u200din word\u2060joiner bom\ufeff nb\u00a0sp thin\u2009sp ideo\u3000sp nl\u0085x",
    "😀 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ ❤ ☺ ☺️ ✈ ✈️ © ©️ ™ ™️", "🇩🇪 🇫🇷🇯🇵 🇺🇸🇬 🇦", "1️⃣ #️⃣ *⃣ 9⃣ 1️ # *", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴 🏴‍☠️ 👩🏾‍🚀👩‍🚀x", "a😀b 1😀2 😀😀 _😀 😀_ 😀\u0301 ☝🏿 ☎ ☎️ ⌚ ⏰ 〰 〰️ ㊗ ㊗️",
    "👍\u200d 😀\u200da \u200d😀 🀄 🃏 🈚 🅰 🅰️ ↔ ↔️ ⬛ 🤷‍♂️ 🤷🏻‍♀️ 🧑🏻‍🤝‍🧑🏿",
    "我是中国人。Elasticsearch是搜索", "東京タワーへ行く ひらがな カタカナ ｶﾀｶﾅ コーヒー ー々〆 カ_ナ ア1 あa", "日本語2024年 𠮷野家 ㍿ ㈱ 〇 ㄅㄆㄇ",
    "한국어 텍스트 검색 abc한국 한1 한_국 ᄒ\u1161\u11ab ㄱㄴ", "สวัสดีชาวโลก ไทย123 abcไทย ກຂ ភាសាខ្មែរ မြန်မာ ไทย_a ᦀᦁ ꩠꩡ",
    "العربية لغة جميلة ١٢٣٫٤٥ كِتَاب مُحَمَّدٌ ۱۲۳", "שלום צה\"ל ג'ורג' מ'ש רש\" ש״ס ע׳ \"א א\"1 a\"b", "हिन्दी में लिखना १२३ தமிழ் తెలుగు বাংলা ελληνικά Русский язык",
    "\U0001d400\U0001d401 𐐷𐐨 𝟙𝟚 𐀀 🜁 \U000e0001 \ue000 \ufffd", "mixed日本english한국어ไทยРусский 1あ2 ア文a", "․a․b a·b l·l a‧b a︰b a﹒b a．b a：b 1٫2 1٬2 1﹐2 a‿b a⁀b a＿b",
    "\u202eabc\u202c \u200eabc \u061c1 \u06dd1 ά\u0345 ᾳ ﷺ ﬆ ꞌ ʼn ŉ ªº", "Tibetan བོད་ཡིག Ethiopic አማርኛ Cherokee ᏣᎳᎩ Yi ꆈꌠ Mongolian ᠮᠣᠩᠭᠣᠯ ქართული Հայերեն", "x\u20dd y\u20e3 1\u20e3\u20e3 \u20e3 a\ufe0f b\ufe0e 中\ufe0f あ\u3099 か\u309a\u3099 カ\u3099 ヷ ゟ ヿ ㇰ 𛀀 𛀁",
    "\U0001f3fb \U0001f3fb\U0001f3fb a\U0001f3fb \u2640 \u2640\ufe0f \u00a9\u200d\u00a9 ⚕ 👩‍⚕ 👩‍⚕️ 👩⚕ ♾ ♾️ 0\ufe0f 00\u20e3 1.2\u20e3",
)  # fmt: skip
STANDARD: Final[tuple[dict[str, Any], ...]] = ({"tokenizer": "standard"}, {"analyzer": "standard"})
SPLIT: Final[tuple[dict[str, Any], ...]] = (
    *({"tokenizer": name} for name in ("whitespace", "keyword", "letter", "lowercase")),
    *({"analyzer": name} for name in ("simple", "stop")),
    {"tokenizer": "standard", "filter": ["lowercase"]},
    {"tokenizer": "standard", "filter": ["asciifolding"]},
    {"tokenizer": "standard", "filter": ["lowercase", "stop"]},
)
"""Each of these is asked for each of the texts."""
SENTENCES: Final[dict[str, str]] = {
    "arabic": "الكتب الجديدة في المكتبات العربية",
    "danish": "Bøgerne på bibliotekerne er nyere end husene og havde været der",
    "dutch": "De boeken in de bibliotheken lopen sneller dan mogelijkheden",
    "english": "The foxes' dens were running happily; John's generously nationalised skies dying generic universities",
    "finnish": "Kirjastojen kirjoissa on uusia taloja ja järvillä juoksevat",
    "french": "Les livres nouveaux des bibliothèques couraient rapidement vers l'école",
    "german": "Die Häuser der größeren Bücher liefen schneller über Brücken",
    "greek": "Τα βιβλία στις βιβλιοθήκες τρέχουν γρήγορα",
    "hungarian": "A könyvtárak könyvei gyorsabban futottak a házakban",
    "italian": "I libri delle biblioteche correvano velocemente nelle città",
    "norwegian": "Bøkene på bibliotekene er nyere enn husene og hadde vært der",
    "portuguese": "Os livros das bibliotecas corriam rapidamente pelas cidades",
    "romanian": "Cărțile bibliotecilor alergau repede prin orașele noi",
    "russian": "Книги новых библиотек быстро бежали по городам",
    "spanish": "Los libros de las bibliotecas corrían rápidamente por ciudades",
    "swedish": "Böckerna på biblioteken är nyare än husen och hade varit där",
    "turkish": "Kütüphanelerin kitapları evlerden hızla koşuyordu",
}
LONE: Final = "caresses ponies ties cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned falling hissing fizzed failing filing happy sky relational conditional rational valenci hesitanci digitizer conformabli radicalli differentli vileli analogousli vietnamization predication operator feudalism decisiveness hopefulness callousness formaliti sensitiviti sensibiliti triplicate formative formalize electriciti electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible irritant replacement adjustment dependent adoption homologou communism activate angulariti homologous effective bowdlerize probate rate cease controll roll news innings skis early only exceed succeed tying idly singly"  # fmt: skip


def asked() -> list[dict[str, Any]]:
    """Return every request, as the body of `_analyze`."""
    split = [{**one, "text": text} for one in (*STANDARD, *SPLIT) for text in WORDS]
    told = [{"analyzer": name, "text": text} for name, text in SENTENCES.items()]
    stems = [{"analyzer": "english", "text": text} for text in (LONE, *WORDS[:12])]
    snowball = [
        {
            "tokenizer": "standard",
            "filter": ["lowercase", {"type": "snowball", "language": name.capitalize()}],
            "text": text,
        }
        for name, text in SENTENCES.items()
        if name not in ("arabic", "greek")
    ]
    return [*split, *told, *stems, *snowball]
