"""Units and currencies behind and before numbers, and what a rate is `/` of."""

from __future__ import annotations

_PREFIXED = {
    "B": "バイト",
    "bps": "ビーピーエス",
    "Hz": "ヘルツ",
    "W": "ワット",
    "g": "グラム",
    "m": "メートル",
}
_PREFIXES = {"k": "キロ", "K": "キロ", "M": "メガ", "G": "ギガ", "T": "テラ"}
_NOT_OF_LENGTH = {f"{prefix}{unit}" for prefix in "KMGT" for unit in "gm"}

UNITS: dict[str, str] = {
    **{f"{p}{u}": said + name for p, said in _PREFIXES.items() for u, name in _PREFIXED.items()
       if f"{p}{u}" not in _NOT_OF_LENGTH},
    **{f"{p}iB": f"{said}バイト" for p, said in zip("KMGT", ("キビ", "メビ", "ギビ", "テビ"), strict=True)},
    **{f"{p}bit": f"{said}ビット" for p, said in zip("kMG", ("キロ", "メガ", "ギガ"), strict=True)},
    "PB": "ペタバイト",
    "Hz": "ヘルツ",
    "bit": "ビット",
    "bits": "ビット",
    "byte": "バイト",
    "bytes": "バイト",
    "ns": "ナノ秒",
    "us": "マイクロ秒",
    "µs": "マイクロ秒",
    "μs": "マイクロ秒",
    "ms": "ミリ秒",
    "s": "秒",
    "sec": "秒",
    "secs": "秒",
    "min": "分",
    "mins": "分",
    "h": "時間",
    "hr": "時間",
    "hrs": "時間",
    "m": "メートル",
    "mm": "ミリメートル",
    "cm": "センチメートル",
    "nm": "ナノメートル",
    "g": "グラム",
    "mg": "ミリグラム",
    "mW": "ミリワット",
    "V": "ボルト",
    "mV": "ミリボルト",
    "mAh": "ミリアンペアアワー",
    "dB": "デシベル",
    "dBFS": "デシベルフルスケール",
    "px": "ピクセル",
    "pt": "ポイント",
    "em": "エム",
    "rem": "レム",
    "fps": "エフピーエス",
    "rps": "アールピーエス",
    "qps": "キューピーエス",
    "rpm": "アールピーエム",
    "dpi": "ディーピーアイ",
    "tok": "トークン",
    "req": "リクエスト",
    "%": "パーセント",
    "‰": "パーミル",
    "°C": "度",
    "°F": "度",
    "°": "度",
    "k": "キロ",
}  # fmt: skip
"""Case counts: `ms` is no `MS`, `m` no `M`."""

PER: dict[str, str] = {
    "s": "毎秒",
    "sec": "毎秒",
    "min": "毎分",
    "h": "毎時",
    "day": "毎日",
    "秒": "毎秒",
    "分": "毎分",
}

CURRENCIES: dict[str, str] = {"$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "円", "₩": "ウォン"}
