"""The rules of speakable text: each is true, each is exercised, and the document shows them as they are."""

from __future__ import annotations

import re

import pytest

from claude_narrator.daemon.text.speakable import speakable_sentences
from tests.daemon.text.rules import DOCUMENT, Rule, coverage, rules, written


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in rules()])
def test_the_example_of_a_rule_is_said_as_it_shows(rule: Rule) -> None:
    assert speakable_sentences(rule.markdown, rule.language, rule.style) == rule.said


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in rules()])
def test_the_sign_of_a_rule_is_in_its_own_example(rule: Rule) -> None:
    assert re.search(rule.seen, rule.markdown, re.M)


def test_every_rule_is_exercised_by_a_reply_of_the_corpus() -> None:
    assert [rule for rule, count in coverage().items() if not count] == []


def test_no_two_rules_have_one_id() -> None:
    ids = [rule.id for rule in rules()]
    assert len(set(ids)) == len(ids)


def test_the_documented_tables_are_the_ones_that_the_tests_make() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert written(text) == text, "python -m tests.daemon.text.rules --write docs/speakable-text.md"
