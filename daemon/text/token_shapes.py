"""Keys and tokens that a prefix or a shape gives away, as their issuers document them; every one bounded."""

from __future__ import annotations

import re

_TOKEN_SHAPES = (
    # Amazon, Google, Microsoft
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}",
    r"AIza[\w-]{30,64}",
    r"ya29\.[\w-]{16,512}",
    r"GOCSPX-[\w-]{16,64}",
    r"1//0[\w-]{30,256}",
    r"[\w.~-]{3}[78]Q~[\w.~-]{30,40}",
    # GitHub, GitLab
    r"gh[pousr]_\w{16,256}",
    r"github_pat_\w{16,256}",
    r"gl(?:pat|dt|rt|ptt|ft|soat|cbt|imt|agent|oas)-[\w.-]{16,256}",
    r"GR1348941[\w-]{16,64}",
    # sk- keys: OpenAI, Anthropic, OpenRouter, DeepSeek, Stripe
    r"sk-(?:proj|ant|svcacct|admin|or|lf|None)-[\w-]{16,256}",
    r"sk-[0-9a-f]{32,128}",
    r"sk-(?=[\w-]{0,256}\d)(?=[\w-]{0,256}[A-Z])[\w-]{16,256}",
    r"(?:sk|rk|pk|mk)_(?:live|test|prod)_[A-Za-z0-9]{10,256}",
    r"whsec_[A-Za-z0-9+/]{20,128}",
    # chat
    r"xox[abceoprs]-[\w-]{8,256}",
    r"xapp-\d-[\w-]{16,256}",
    r"[MNO][A-Za-z\d]{22,27}\.[\w-]{6}\.[\w-]{25,110}",
    r"\d{8,10}:AA[\w-]{30,40}",
    # package registries
    r"npm_[A-Za-z0-9]{30,64}",
    r"pypi-AgE[\w-]{50,512}",
    r"dckr_(?:pat|oat)_[\w-]{20,64}",
    r"rubygems_[0-9a-f]{40,64}",
    # services
    r"(?:hf|gsk|r8|fo1|nvapi|nfp|ntn|secret|rnd|glsa|lin_api|fw|dd_|vcp)[_-](?=\w{0,256}\d)[A-Za-z0-9]{30,256}(?:_[0-9a-f]{8})?",
    r"(?:figd|sbp|dop_v1|doo_v1|dor_v1|shpat|shpss|shpca|shppa|pscale_(?:tkn|pw|oauth)|sntrys|sntryu|CFPAT)[_-]"
    r"(?=[\w=-]{0,256}\d)[\w=+/-]{20,512}",
    r"(?:pplx|xai)-(?=\w{0,256}\d)[A-Za-z0-9]{30,256}",
    r"tskey-[a-z]{2,16}-[\w-]{16,128}",
    r"PMAK-[0-9a-f]{20,64}-[0-9a-f]{20,64}",
    r"NRAK-[A-Z0-9]{20,64}",
    r"HRKU-[\w-]{30,80}",
    r"SG\.[\w-]{16,64}\.[\w-]{16,128}",
    r"hv[sbr]\.[\w-]{24,512}",
    r"AT[AC]TT3[\w=-]{50,512}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{30,128}",
    r"sq0(?:atp|csp|idp)-[\w-]{20,64}",
    r"EAAA[\w-]{50,128}",
    r"dapi[0-9a-f]{32}(?:-\d)?",
    r"(?:SK|key-)[0-9a-f]{32}",
    r"[0-9a-f]{32}-us\d{1,2}",
    r"v1\.0-[0-9a-f]{24}-[0-9a-f]{100,160}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{30,80}",
    # JSON Web Tokens
    r"eyJ[\w-]{8,4096}(?:\.[\w-]{0,8192}){0,4}",
)
TOKENS = re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(_TOKEN_SHAPES) + ")")
"""Keys and tokens that a prefix or a shape gives away."""

WEBHOOK = re.compile(
    r"(?<=hooks\.slack\.com/services/)[\w/]{8,200}|(?<=discord\.com/api/webhooks/)[\w/-]{8,200}", re.ASCII
)
"""Addresses that are passwords themselves."""
