"""The words with which the narrator asks for attention, by language: the place to add a language.

Each phrase is a `str.format` template and a whole sentence. A language that is not here gets the English one,
which the translator then takes along.
"""

from __future__ import annotations

from dataclasses import dataclass

from claude_narrator.models.types import Language


@dataclass(frozen=True, slots=True)
class AttentionPhrases:
    """`who` is `claude` or `subagent`; `what` a command, the end of a path, a host, or the name of a tool.

    `run_more` is for a row of commands, of which the first is said; `run_any` for one that cannot be said.
    """

    language: Language
    claude: str
    subagent: str
    run: str
    run_more: str
    run_any: str
    edit: str
    write: str
    read: str
    fetch: str
    search: str
    agent: str
    server_tool: str
    tool: str
    question: str
    questions: str
    several: str
    plan: str
    plan_of_steps: str
    permission: str
    idle: str
    agent_ended: str


_ENGLISH = AttentionPhrases(
    Language("en"),
    claude="Claude",
    subagent="A subagent",
    run="{who} wants to run: {what}.",
    run_more="{who} wants to run: {what}, and {count} more.",
    run_any="{who} wants to run a command.",
    edit="{who} wants to edit {what}.",
    write="{who} wants to write {what}.",
    read="{who} wants to read {what}.",
    fetch="{who} wants to fetch {what}.",
    search="{who} wants to search the web for {what}.",
    agent="{who} wants to start a subagent: {what}.",
    server_tool="{who} wants to use {what} of {server}.",
    tool="{who} wants to use {what}.",
    question="{who} asks you a question.",
    questions="{who} asks you {count} questions.",
    several="You may choose several answers.",
    plan="{who} has a plan and asks for your approval.",
    plan_of_steps="{who} has a plan of {count} steps and asks for your approval.",
    permission="Claude needs your permission.",
    idle="Claude is waiting for your input.",
    agent_ended="From the subagent {name}.",
)

_JAPANESE = AttentionPhrases(
    Language("ja"),
    claude="クロード",
    subagent="サブエージェント",
    run="{who}が実行の許可を求めています、{what}。",
    run_more="{who}が実行の許可を求めています、{what}、ほか{count}件。",
    run_any="{who}がコマンドの実行許可を求めています。",
    edit="{who}が{what}の編集許可を求めています。",
    write="{who}が{what}への書き込み許可を求めています。",
    read="{who}が{what}の読み取り許可を求めています。",
    fetch="{who}が{what}の取得許可を求めています。",
    search="{who}がウェブ検索の許可を求めています、{what}。",
    agent="{who}がサブエージェントの開始許可を求めています、{what}。",
    server_tool="{who}が{server}の{what}の使用許可を求めています。",
    tool="{who}が{what}の使用許可を求めています。",
    question="{who}からの質問です。",
    questions="{who}から{count}件の質問です。",
    several="複数の回答を選べます。",
    plan="{who}が計画の承認を求めています。",
    plan_of_steps="{who}が{count}段階の計画の承認を求めています。",
    permission="クロードが許可を求めています。",
    idle="クロードが入力を待っています。",
    agent_ended="サブエージェント{name}からの報告です。",
)

_TABLE = {"en": _ENGLISH, "ja": _JAPANESE}


def attention_phrases_for(language: Language) -> AttentionPhrases:
    """Return the phrases in `language` whatever its region, in English when there are none."""
    return _TABLE.get(language.replace("_", "-").split("-")[0].lower(), _ENGLISH)
