"""The words that the narrator adds of its own, by language: the place to add a language.

Each phrase is a `str.format` template. English and Japanese are complete; every other language falls back
to English, which the translator then takes along with the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from claude_narrator.models.types import Language

ENGLISH = Language("en")
JAPANESE = Language("ja")


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said in place of what cannot be said.

    `symbols` names operators and lone signs; `joiner` stands between the words that replace one piece of
    code; `stop`, `colon` and `comma` are the language's own marks.
    """

    redacted: str
    link: str
    code_block: str
    code_block_in: str
    shell_command: str
    shell_commands: str
    diff: str
    table: str
    table_without_columns: str
    long_word: str
    some_code: str
    rest_skipped: str
    line: str
    lines: str
    range: str
    port: str
    about: str
    number: str
    dot: str
    item: str
    done: str
    to_do: str
    symbols: Mapping[str, str]
    stop: str = "."
    colon: str = ": "
    comma: str = ", "
    between_columns: str = ", "


_ENGLISH = Phrases(
    redacted="a secret",
    link="a link to {host}",
    code_block="Code block, {lines}.",
    code_block_in="Code block, {name}, {lines}.",
    shell_command="A shell command.",
    shell_commands="Shell commands, {lines}.",
    diff="A diff of {lines}.",
    table="A table of {rows}: columns {columns}.",
    table_without_columns="A table of {rows}.",
    long_word="a long word",
    some_code="some code",
    rest_skipped="The rest is too long to read.",
    line="line {number}",
    lines="lines {first} to {last}",
    range="{first} to {last}",
    port="{host} port {port}",
    about="about {number}",
    number="number {number}",
    dot=" dot ",
    item="{number}: {text}",
    done="Done: {text}",
    to_do="To do: {text}",
    symbols={
        "->": "to",
        "=>": "to",
        "<-": "from",
        "<->": "and",
        "==": "equals",
        "===": "equals",
        "!=": "is not",
        "!==": "is not",
        ">=": "at least",
        "<=": "at most",
        "&&": "and",
        "||": "or",
        ":=": "becomes",
        "+=": "plus equals",
        "-=": "minus equals",
        "**": "to the power of",
        "<": "less than",
        ">": "greater than",
        ">>": "to",
        "=": "equals",
        "+": "plus",
        "-": "dash",
        "--": "dash dash",
        "*": "star",
        "times": "times",
        "/": "slash",
        "@": "at",
        "#": "hash",
        "sharp": "sharp",
        "%": "percent",
        "&": "and",
        "|": "pipe",
        "~": "home",
        "^": "caret",
        "_": "underscore",
        "$": "dollar",
        ".": "dot",
        "..": "dot dot",
        "...": "dot dot dot",
        ",": "comma",
        ":": "colon",
        "::": "colon colon",
        ";": "semicolon",
        "!": "exclamation mark",
        "?": "question mark",
        "`": "backtick",
        "\\": "backslash",
        "'": "quote",
        '"': "double quote",
        "()": "parentheses",
        "(": "parenthesis",
        ")": "parenthesis",
        "[]": "brackets",
        "[": "bracket",
        "]": "bracket",
        "{}": "braces",
        "{": "brace",
        "}": "brace",
        "<>": "angle brackets",
        "\\n": "newline",
        "\\t": "tab",
    },
)

_JAPANESE = Phrases(
    redacted="秘密の値",
    link="{host}へのリンク",
    code_block="コードブロック、{lines}。",
    code_block_in="コードブロック、{name}、{lines}。",
    shell_command="シェルコマンド。",
    shell_commands="シェルコマンド、{lines}。",
    diff="差分、{lines}。",
    table="{rows}の表、列は{columns}。",
    table_without_columns="{rows}の表。",
    long_word="長い単語",
    some_code="コード",
    rest_skipped="残りは長いので省略します。",
    line="{number}行目",
    lines="{first}行目から{last}行目",
    range="{first}から{last}",
    port="{host}のポート{port}",
    about="約{number}",
    number="{number}番",
    dot="ドット",
    item="{number}、{text}",
    done="完了、{text}",
    to_do="未完了、{text}",
    symbols={
        **_ENGLISH.symbols,
        "->": "から",
        "=>": "から",
        "<-": "左矢印",
        "<->": "と",
        "==": "イコール",
        "===": "イコール",
        "!=": "ノットイコール",
        "!==": "ノットイコール",
        ">=": "以上",
        "<=": "以下",
        "&&": "かつ",
        "||": "または",
        ":=": "代入",
        "+=": "プラスイコール",
        "-=": "マイナスイコール",
        "**": "べき乗",
        "<": "小なり",
        ">": "大なり",
        ">>": "右へ",
        "=": "イコール",
        "+": "プラス",
        "-": "ダッシュ",
        "--": "ダッシュダッシュ",
        "*": "スター",
        "times": "かける",
        "/": "スラッシュ",
        "@": "アット",
        "#": "シャープ",
        "sharp": "シャープ",
        "%": "パーセント",
        "&": "アンド",
        "|": "パイプ",
        "~": "ホーム",
        "^": "キャレット",
        "_": "アンダースコア",
        "$": "ドル",
        ".": "ドット",
        "..": "ドットドット",
        "...": "三点リーダー",
        ",": "コンマ",
        ":": "コロン",
        "::": "コロンコロン",
        ";": "セミコロン",
        "!": "感嘆符",
        "?": "疑問符",
        "`": "バッククォート",
        "\\": "バックスラッシュ",
        "'": "引用符",
        '"': "二重引用符",
        "()": "丸括弧",
        "(": "丸括弧",
        ")": "丸括弧",
        "[]": "角括弧",
        "[": "角括弧",
        "]": "角括弧",
        "{}": "波括弧",
        "{": "波括弧",
        "}": "波括弧",
        "<>": "山括弧",
        "\\n": "改行",
        "\\t": "タブ",
    },
    stop="。",
    colon="、",
    comma="、",
    between_columns="、",
)

_TABLE = {ENGLISH: _ENGLISH, JAPANESE: _JAPANESE}
_COUNTED = {
    ENGLISH: {"line": ("1 line", "{n} lines"), "row": ("1 row", "{n} rows")},
    JAPANESE: {"line": ("1行", "{n}行"), "row": ("1行", "{n}行")},
}


def phrases_for(language: Language) -> Phrases:
    """Return the phrases of `language` whatever its region; English ones where there are none."""
    return _TABLE[_known(language)]


def counted(number: int, thing: str, language: Language) -> str:
    """Return `number` of `thing`, which is `line` or `row`: `1 line`, `12 lines`, `12行`."""
    one, many = _COUNTED[_known(language)][thing]
    return one if number == 1 else many.format(n=number)


def _known(language: Language) -> Language:
    base = Language(language.replace("_", "-").split("-")[0].lower())
    return base if base in _TABLE else ENGLISH
