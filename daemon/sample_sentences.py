"""A sentence a language, to hear what a voice is like."""

from __future__ import annotations

from claude_narrator.models.types import Language

_SENTENCES = {
    "ar": "مرحبا. هكذا يبدو صوتي عندما أقرأ لك ما يكتبه كلود.",
    "cs": "Dobrý den. Takto zní můj hlas, když čtu, co píše Claude.",
    "da": "Hej. Sådan lyder min stemme, når jeg læser, hvad Claude skriver.",
    "de": "Hallo. So klingt meine Stimme, wenn ich vorlese, was Claude schreibt.",
    "el": "Γεια σας. Έτσι ακούγεται η φωνή μου όταν διαβάζω ό,τι γράφει ο Claude.",
    "en": "Hello. This is how my voice sounds when I read what Claude writes.",
    "es": "Hola. Así suena mi voz cuando leo lo que escribe Claude.",
    "fi": "Hei. Tältä ääneni kuulostaa, kun luen, mitä Claude kirjoittaa.",
    "fr": "Bonjour. Voici ma voix quand je lis ce que Claude écrit.",
    "he": "שלום. כך נשמע הקול שלי כשאני מקריא את מה שקלוד כותב.",
    "hi": "नमस्ते। क्लॉड जो लिखता है, उसे पढ़ते समय मेरी आवाज़ ऐसी लगती है।",
    "hu": "Üdvözlöm. Így szól a hangom, amikor felolvasom, amit Claude ír.",
    "it": "Ciao. Ecco la mia voce quando leggo quello che scrive Claude.",
    "ja": "こんにちは。クロードが書いたものを読むとき、私の声はこのように聞こえます。",
    "ko": "안녕하세요. 클로드가 쓴 글을 읽을 때 제 목소리는 이렇게 들립니다.",
    "nl": "Hallo. Zo klinkt mijn stem als ik voorlees wat Claude schrijft.",
    "no": "Hei. Slik høres stemmen min ut når jeg leser det Claude skriver.",
    "pl": "Dzień dobry. Tak brzmi mój głos, kiedy czytam to, co pisze Claude.",
    "pt": "Olá. É assim que soa a minha voz quando leio o que o Claude escreve.",
    "ro": "Bună ziua. Așa sună vocea mea când citesc ce scrie Claude.",
    "ru": "Здравствуйте. Так звучит мой голос, когда я читаю то, что пишет Клод.",
    "sv": "Hej. Så här låter min röst när jag läser det Claude skriver.",
    "th": "สวัสดี นี่คือเสียงของฉันเมื่ออ่านสิ่งที่คล็อดเขียน",
    "tr": "Merhaba. Claude'un yazdıklarını okurken sesim böyle duyuluyor.",
    "uk": "Вітаю. Так звучить мій голос, коли я читаю те, що пише Клод.",
    "vi": "Xin chào. Giọng tôi nghe như thế này khi đọc những gì Claude viết.",
    "yue": "你好。我讀 Claude 寫嘅嘢嗰陣，把聲就係咁樣。",
    "zh": "你好。我朗读克劳德写的内容时，声音就是这样的。",
}
_ANYWHERE = "1, 2, 3, 4, 5."
_SAME = {"nb": "no", "nn": "no"}


def sample_sentence(language: Language) -> str:
    """Return a sentence in `language`; digits, which every voice reads, where there is none."""
    primary = language.split("-")[0].casefold()
    return _SENTENCES.get(_SAME.get(primary, primary), _ANYWHERE)
