"""Which language a text is in: by its script, and by its words where that is certain."""

from __future__ import annotations

import subprocess
import sys

import pytest

from claude_narrator.daemon.text.language import detect_language
from claude_narrator.models.types import Language


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("The tests pass.", "en", "en"),
        ("Die Tests laufen.", "de", "de"),
        ("テストが通りました。", "en", "ja"),
        ("speakable_sentences を redact に渡す", "en", "ja"),
        ('The word "こんにちは" means hello.', "en", "en"),
        ("了解", "ja", "ja"),
        ("你好，世界", "en", "zh"),
        ("안녕하세요", "en", "ko"),
        ("Привет, мир", "en", "ru"),
        ("Привіт, світе", "uk", "uk"),
        ("مرحبا بالعالم", "en", "ar"),
        ("नमस्ते दुनिया", "en", "hi"),
        ("สวัสดีชาวโลก", "en", "th"),
        ("hello", "ja", "ja"),
        ("3.11 ✅ ...", "pt-BR", "pt-BR"),
        ("", "en", "en"),
        ("繁體中文的測試", "zh-TW", "zh-TW"),
    ],
)
def test_the_script_decides_and_latin_keeps_the_default(text: str, default: str, language: str) -> None:
    assert detect_language(text, Language(default)) == language


WRITTEN = {
    "en": (
        "All the tests pass now.",
        "I pushed the fix to main.",
        "Let me look at the logs first.",
        "There are two files left to check.",
        "The server does not respond any more.",
        "Shall I delete the old branch?",
        "Please run the migration before you deploy.",
        "I could not reproduce the crash in Docker.",
    ),
    "de": (
        "Alle Tests laufen jetzt durch.",
        "Ich habe den Fix auf main gepusht.",
        "Ich sehe mir zuerst die Logs an.",
        "Es sind noch zwei Dateien zu prüfen.",
        "Der Server antwortet nicht mehr.",
        "Soll ich den alten Branch löschen?",
        "Der Build ist wieder grün.",
        "Die Funktion parse_config gibt nichts zurück.",
    ),
    "fr": (
        "Tous les tests passent maintenant.",
        "J'ai poussé le correctif sur main.",
        "Je regarde d'abord les journaux.",
        "Il reste deux fichiers à vérifier.",
        "Le serveur ne répond plus du tout.",
        "Faut-il supprimer l'ancienne branche ?",
        "La migration est terminée sans erreur.",
    ),
    "es": (
        "Ahora pasan todas las pruebas.",
        "He subido el arreglo a main.",
        "Primero voy a mirar los registros.",
        "Quedan dos archivos por revisar.",
        "El servidor ya no responde.",
        "¿Quieres que borre la rama antigua?",
        "La compilación ha terminado sin errores.",
    ),
    "pt": (
        "Agora todos os testes passam.",
        "Enviei a correção para o main.",
        "Primeiro vou olhar os registros.",
        "Ainda faltam dois arquivos para verificar.",
        "O servidor não está respondendo mais.",
        "Devo apagar a ramificação antiga?",
        "A migração terminou sem nenhum erro.",
    ),
    "it": (
        "Adesso tutti i test passano.",
        "Ho caricato la correzione su main.",
        "Prima guardo i file di log.",
        "Restano due file da controllare.",
        "Il server non risponde più.",
        "Devo cancellare il vecchio ramo?",
        "La compilazione è finita senza errori.",
    ),
    "nl": (
        "Alle tests slagen nu weer.",
        "Ik heb de oplossing naar main gepusht.",
        "Ik bekijk eerst de logbestanden.",
        "Er zijn nog twee bestanden over.",
        "De server reageert niet meer.",
        "Zal ik de oude branch verwijderen?",
        "De migratie is zonder fouten voltooid.",
    ),
    "pl": (
        "Teraz wszystkie testy przechodzą.",
        "Wysłałem poprawkę do main.",
        "Najpierw obejrzę dzienniki.",
        "Zostały jeszcze dwa pliki do sprawdzenia.",
        "Serwer już nie odpowiada.",
        "Czy mam usunąć starą gałąź?",
        "Migracja zakończyła się bez błędów.",
    ),
    "sv": (
        "Nu går alla tester igenom.",
        "Jag har skickat rättelsen till main.",
        "Jag tittar på loggarna först.",
        "Det finns två filer kvar att granska.",
        "Servern svarar inte längre.",
        "Ska jag ta bort den gamla grenen?",
        "Migreringen blev klar utan fel.",
    ),
    "tr": (
        "Artık bütün testler geçiyor.",
        "Düzeltmeyi ana dala gönderdim.",
        "Önce günlüklere bakacağım.",
        "Kontrol edilecek iki dosya kaldı.",
        "Sunucu artık yanıt vermiyor.",
        "Eski dalı sileyim mi?",
        "Taşıma işlemi hatasız tamamlandı.",
    ),
}
EN = Language("en")
FOUND_SHARE = 0.9


def test_most_sentences_that_are_in_the_language_to_be_heard_are_found() -> None:
    sentences = [(text, Language(tag)) for tag, texts in WRITTEN.items() for text in texts if tag != "en"]
    missed = [text for text, heard in sentences if detect_language(text, EN, heard) != heard]
    assert len(sentences) + len(WRITTEN["en"]) >= 60
    assert len(missed) <= (1 - FOUND_SHARE) * len(sentences), missed


@pytest.mark.parametrize("heard", [tag for tag in WRITTEN if tag != "en"])
def test_no_sentence_that_must_be_translated_is_taken_for_one_in_the_language_to_be_heard(heard: str) -> None:
    target = Language(heard)
    assert [text for text in WRITTEN["en"] if detect_language(text, EN, target) != EN] == []
    assert [text for text in WRITTEN[heard] if detect_language(text, target, EN) != target] == []


@pytest.mark.parametrize("other", ["es", "it", "fr"])
def test_near_languages_are_not_taken_for_each_other(other: str) -> None:
    source, target = Language("pt"), Language(other)
    assert [text for text in WRITTEN["pt"] if detect_language(text, source, target) != source] == []
    assert [text for text in WRITTEN[other] if detect_language(text, target, source) != target] == []


@pytest.mark.parametrize(
    ("text", "default", "heard", "language"),
    [
        ("OK.", "en", "de", "en"),
        ("main.py", "en", "de", "en"),
        ("parse_config, get_user, isLoading", "en", "fr", "en"),
        ("Docker, Kubernetes, GitHub", "en", "de", "en"),
        ("", "en", "de", "en"),
        ("Alle Tests laufen jetzt durch.", "en", "ja", "en"),
        ("テストが通りました。", "en", "de", "ja"),
        ("The tests pass now.", "en", "tlh", "en"),
        ("The tests pass now.", "en-GB", "en", "en-GB"),
        ("Все тесты теперь проходят.", "uk", "ru", "ru"),
        ("你好，世界", "en", "ja", "zh"),
    ],
)
def test_what_is_open_stays_as_the_settings_say(text: str, default: str, heard: str, language: str) -> None:
    assert detect_language(text, Language(default), Language(heard)) == language


def test_the_words_are_not_looked_at_where_the_script_decides() -> None:
    script = (
        "import sys\n"
        "from claude_narrator.daemon.text.language import detect_language\n"
        "assert detect_language('All is well.', 'en', 'ja') == 'en'\n"
        "assert 'py3langid' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
