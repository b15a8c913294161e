"""What engines are given to say or to translate: in every language the same."""

from __future__ import annotations

SENTENCES = {
    "en": "The build is green again, and all forty-two tests pass. Shall I push it?",
    "ja": "ビルドは再び成功し、四十二件のテストがすべて通りました。プッシュしますか？",
    "es": "La compilación funciona de nuevo, y las pruebas pasan. ¿Lo subo?",
    "de": "Der Build ist wieder grün, und alle Tests laufen durch. Soll ich ihn hochladen?",
    "it": "La compilazione funziona di nuovo, e tutti i test passano. La pubblico?",
    "fr": "La compilation marche de nouveau, et les tests passent. Je pousse ?",
    "pt": "A compilação funciona de novo, e todos os testes passam. Devo enviar?",
    "zh": "构建又成功了，所有测试都通过了。要推送吗？",
    "hi": "काम पूरा हो गया है, और सब कुछ ठीक चल रहा है। क्या मैं आगे बढ़ूँ?",
}

_MORE = {
    "en": (
        "The server is not responding, because the port is taken, so I will restart it on another one.",
        "I renamed the function, updated the three callers, and removed the old test.",
        "There is one warning left, which comes from the linter, and I would rather not hide it.",
        "A migration took three and a half minutes, and no data was lost on the way.",
    ),
    "ja": (
        "サーバーが応答していないので、今すぐ再起動します。",
        "マイグレーションには三分半かかりましたが、データは失われていません。",
        "設定ファイルを確認してから、もう一度実行してください。",
        "まず、失敗しているテストを見てみます。",
    ),
}
_NUMBERS = f"{', '.join(map(str, range(1, 21)))}."


def sentence_of(language: str) -> str:
    """Return a sentence of some ten words; numbers where there is none."""
    return SENTENCES.get(language.split("-")[0], _NUMBERS)


def sentences_of(language: str) -> tuple[str, ...]:
    """Return sentences that begin differently, where there are several."""
    return (sentence_of(language), *_MORE.get(language.split("-")[0], ()))
