"""Latin words inside Japanese text, written the way a Japanese programmer says them.

A Japanese front end spells words it does not know letter by letter. Known loanwords come from a short list;
others are taken from their English sound: each consonant and vowel becomes the kana nearest to it, after the
usual conventions for loanwords (a doubled stop after a short vowel, `ー` for a long one).
"""

from __future__ import annotations

import re
from collections.abc import Callable

_WORDS: dict[str, str] = dict(
    re.findall(
        r"(\S+) (\S+)",
        """
        app アプリ  array アレイ  async エイシンク  await アウェイト  branch ブランチ  bug バグ
        buffer バッファ  cache キャッシュ  class クラス  commit コミット  config コンフィグ
        database データベース  debug デバッグ  docker ドッカー  error エラー  exception エクセプション
        flag フラグ  folder フォルダー  function ファンクション  git ギット  github ギットハブ
        hub ハブ  java ジャバ  json ジェイソン  kubernetes クバネティス  lint リント  linter リンター
        linux リナックス  main メイン  merge マージ  method メソッド  migration マイグレーション
        node ノード  none ナン  null ヌル  object オブジェクト  origin オリジン  parse パース
        parser パーサー  pipeline パイプライン  python パイソン  query クエリ  queue キュー
        readme リードミー  release リリース  repository リポジトリ  retry リトライ  review レビュー
        schema スキーマ  script スクリプト  session セッション  socket ソケット  string ストリング
        thread スレッド  timeout タイムアウト  token トークン  toml トムル  type タイプ
        upgrade アップグレード  user ユーザー  yaml ヤムル
        """,
    )
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’]*")
_INSIDE_NAME = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z0-9])_+(?=[A-Za-z0-9])")
_DOT_IN_NAME = re.compile(r"(?<=[A-Za-z0-9_])\.(?=[A-Za-z_])")
_WEAK_PREFIX = re.compile(r"\A([ɹdbp])ə")
"""The vowel of re-, de-, be- and pre- is a schwa to the ear and an i in a loanword."""
_MAX_ACRONYM = 4

_COLUMNS = "aiueo"
_ROWS = {
    "": "ア イ ウ エ オ",
    "k": "カ キ ク ケ コ",
    "ɡ": "ガ ギ グ ゲ ゴ",
    "s": "サ シ ス セ ソ",
    "z": "ザ ジ ズ ゼ ゾ",
    "t": "タ ティ トゥ テ ト",
    "d": "ダ ディ ドゥ デ ド",
    "n": "ナ ニ ヌ ネ ノ",
    "h": "ハ ヒ フ ヘ ホ",
    "f": "ファ フィ フ フェ フォ",
    "b": "バ ビ ブ ベ ボ",
    "p": "パ ピ プ ペ ポ",
    "m": "マ ミ ム メ モ",
    "j": "ヤ イ ユ イェ ヨ",
    "l": "ラ リ ル レ ロ",
    "w": "ワ ウィ ウ ウェ ウォ",
    "ʃ": "シャ シ シュ シェ ショ",
    "ʧ": "チャ チ チュ チェ チョ",
    "ʤ": "ジャ ジ ジュ ジェ ジョ",
}
_SAME_ROW = {"ɹ": "l", "ɾ": "l", "T": "t", "v": "b", "θ": "s", "ð": "z", "ʒ": "ʤ"}
_ALONE = {"t": "ト", "d": "ド", "ʧ": "チ", "ʤ": "ジ", "n": "ン", "ŋ": "ング", "h": "", "j": "", "ɹ": ""}
_VOWELS = {
    "A": ("e", "イ"),
    "I": ("a", "イ"),
    "O": ("o", "ー"),
    "W": ("a", "ウ"),
    "Y": ("o", "イ"),
    "æ": ("a", ""),
    "ɑ": ("o", ""),
    "ɔ": ("o", "ー"),
    "ə": ("a", ""),
    "ɐ": ("a", ""),
    "ɛ": ("e", ""),
    "ɜ": ("a", ""),
    "ɪ": ("i", ""),
    "ᵻ": ("i", ""),
    "i": ("i", "ー"),
    "u": ("u", "ー"),
    "ʊ": ("u", ""),
    "ʌ": ("a", ""),
}
"""American vowels of the misaki inventory as a column of the kana table and what follows it."""
_SHORT, _DOUBLED = frozenset("æɑɛɪʊʌ"), frozenset("ptkdʧʃ")


def latin_to_katakana(text: str, is_spelled: Callable[[str], bool], sound_of: Callable[[str], str]) -> str:
    """Return Japanese `text` with those Latin words in katakana that would be spelled letter by letter.

    `is_spelled` says whether the front end spells a word; `sound_of` gives its English phonemes in the misaki
    inventory. Identifiers are parted at `_`, at capitals and at dots; acronyms stay as they are.
    """

    def read(match: re.Match[str]) -> str:
        word = match[0]
        known = _WORDS.get(word.lower())
        if known is not None:
            return known
        if _is_acronym(word) or not is_spelled(word):
            return word
        sound = sound_of(word)
        return katakana(_WEAK_PREFIX.sub(r"\1ɪ", sound) if word[1:2] == "e" else sound) or word

    parted = _INSIDE_NAME.sub(" ", _DOT_IN_NAME.sub("ドット", text))
    return _LATIN.sub(read, parted)


def katakana(phonemes: str) -> str:
    """Return English `phonemes`, misaki's American inventory, as a Japanese speaker would write them."""
    sounds = [s for s in phonemes if s.isalpha() and s not in "ˈˌ"]
    kana, at = "", 0
    while at < len(sounds):
        consonant = "" if sounds[at] in _VOWELS else sounds[at]
        glide = bool(consonant) and sounds[at + 1 : at + 3] in (["j", "u"], ["j", "ʊ"])
        after = at + bool(consonant) + glide
        if after < len(sounds) and sounds[after] in _VOWELS:
            syllable, at = _syllable(consonant, glide, sounds, after)
            kana += syllable
        else:
            kana += _alone(sounds, at)
            at += 1
    return kana


def _syllable(consonant: str, glide: bool, sounds: list[str], at: int) -> tuple[str, int]:
    """Kana of a consonant and the vowel at `at`, and where the rest begins."""
    vowel, following = sounds[at], sounds[at + 1 : at + 3]
    column, tail = _VOWELS[vowel]
    if following[:1] == ["ɹ"] and not (following[1:] and following[1] in _VOWELS):
        column, tail = ("a" if vowel == "ɑ" else column), ("ア" if vowel in "ɛɪiʊ" else "ー")
        at += 1
    elif vowel in _SHORT and _doubles(sounds[at + 1 :]):
        tail = "ッ"
    row = _ROWS[_SAME_ROW.get(consonant, consonant)].split() if consonant != "ŋ" else _ROWS["ɡ"].split()
    if glide:
        return row[1][0] + "ュ" + tail, at + 1
    return row[_COLUMNS.index(column)] + tail, at + 1


def _doubles(rest: list[str]) -> bool:
    return bool(rest) and rest[0] in _DOUBLED and (len(rest) == 1 or (rest[0] in "ptk" and rest[1:] == ["s"]))


def _alone(sounds: list[str], at: int) -> str:
    sound, following = sounds[at], sounds[at + 1 : at + 2]
    if sound == "m" and following and following[0] in "pbm":
        return "ン"
    if sound == "ŋ" and following and following[0] in "kɡ":
        return "ン"
    if sound in _ALONE:
        return _ALONE[sound]
    row = _ROWS.get(_SAME_ROW.get(sound, sound))
    return row.split()[2] if row else ""


def _is_acronym(word: str) -> bool:
    return (word.isupper() and len(word) <= _MAX_ACRONYM) or not re.search(r"[aeiouy]", word.lower())
