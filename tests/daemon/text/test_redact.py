"""What is a secret, and what only looks like one."""

from __future__ import annotations

import pytest

from claude_narrator.daemon.text.redact import redact
from claude_narrator.models.types import Language


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "bPxRfi"),
        ("sk-ant-api03-abcDEF123456789012345", "abcDEF"),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39"),
        ("glpat-abcdefghij0123456789", "abcdefghij"),
        ("hf_abcdefghijklmnopqrstuvwxyz012345", "abcdefgh"),
        ("xoxp-123456789-abcdefghijk", "abcdefghijk"),
        ("**Password:** `hunter2`", "hunter2"),
        ("password: hunter2, then", "hunter2"),
        ("PASSWORD=secret", "=secret"),
        ('"api_key": "abcdef123456"', "abcdef123456"),
        ("https://x.com/cb?token=abc123def&x=1", "abc123def"),
        ("curl -u bob:pa55word https://x.y", "pa55word"),
        ("mysql --password hunter2", "hunter2"),
        ("The password is hunter2.", "hunter2"),
        ("パスワードは hunter22 です", "hunter22"),
        ("https://hooks.slack.com/services/T000/B000/XXXXabcd", "XXXXabcd"),
        ("git clone https://me:tok3n@github.com/a/b", "tok3n"),
        ("env: API_KEY=foo123", "foo123"),
        (
            'key = "-----BEGIN PRIVATE KEY-----\\nMIIEvAIBADANBgkqhkiG9w0\\n-----END PRIVATE KEY-----"',
            "MIIEv",
        ),
    ],
)
def test_a_secret_is_replaced(text: str, hidden: str) -> None:
    assert hidden in text
    assert hidden not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f2a9c1d4e5b6a7c8d9e0f1a2b3c4d5e6f708192",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "v2.0.0-rc.1 and 3.11 and claude-3-5-sonnet-20241022",
        "x86_64-unknown-linux-gnu, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "src/components/UserProfile2/UserProfileViewModelFactoryV2.tsx",
        "test_a_killed_worker_is_restarted_and_the_next_sentence_is_spoken",
        "max_tokens=4096 and key=lambda x: x and sort_key=name",
        "token = self.next_token(); password=getpass.getpass(), secret=settings.secret",
        "export TOKEN=$GITHUB_TOKEN and PASSWORD=<your-password>",
        "Bearer authentication is used, Token: the session token is stored",
        "The password is required. The token is stored in the keychain.",
        "PRIMARY_KEY=id",
        "The `--password` option asks for it.",
        "2026-11-12T10:30:00Z and 192.168.0.1:8080 and 1,000,000",
        "https://github.com/org/repo/blob/main/src/a_b.py?plain=1#L10-L20",
        "PyLong_FromUnsignedLongLong KernelTypeStrResolverBufferHasIdentifier MyGPT2LMHeadModel_NoPadding",
        "pypy38-pp73-x86_64-linux-gnu phi2_decoder_fp16_gpu_sm8x",
        "https://github.com/python/cpython/commit/0d4026432591d43185568dd31cef6a034c4b9261",
        "sk-learn-like-names-are-fine",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_the_body_of_a_private_key_is_dropped_while_it_still_grows() -> None:
    text = "Look:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabcd"
    assert redact(text) == "Look:\na secret"


def test_prose_after_an_unclosed_private_key_is_kept() -> None:
    text = "The `-----BEGIN PRIVATE KEY-----` header is looked for.\nThen the rest.\n\nDone"
    assert redact(text) == "The `a secret` header is looked for.\nThen the rest.\n\nDone"


def test_the_phrase_is_in_the_language_of_the_text() -> None:
    assert redact("鍵は AKIAIOSFODNN7EXAMPLE です", Language("ja")) == "鍵は 秘密の値 です"
