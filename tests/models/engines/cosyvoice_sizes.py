"""What the networks of a CosyVoice model measure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the networks measure; every class is the real one. The defaults are small.

    `qwen` is hidden size, intermediate size, layers, heads, heads of keys; the first is the language model's
    width from the second generation on.
    """

    qwen: tuple[int, int, int, int, int] = (32, 64, 2, 4, 2)
    text_width: int = 16
    width: int = 32
    heads: int = 2
    units: int = 32
    blocks: int = 1
    llm_blocks: int = 1
    channels: int = 32
    head_width: int = 8
    unet_blocks: int = 1
    unet_mid_blocks: int = 1
    unet_heads: int = 2
    dit_width: int = 32
    dit_depth: int = 2
    dit_heads: int = 2
    ahead: int = 32
    vocoder: int = 32
    kernels: tuple[int, ...] = (3,)
    pitch: int = 16


TRUE_SIZES = {
    1: Sizes(
        text_width=512, width=1024, heads=16, units=4096, blocks=6, llm_blocks=14, channels=256,
        head_width=64, unet_blocks=4, unet_mid_blocks=12, unet_heads=8,
        vocoder=512, kernels=(3, 7, 11), pitch=512,
    ),
    2: Sizes(
        qwen=(896, 4864, 24, 14, 2), heads=8, units=2048, blocks=6, channels=256, head_width=64,
        unet_blocks=4, unet_mid_blocks=12, unet_heads=8, vocoder=512, kernels=(3, 7, 11), pitch=512,
    ),
    3: Sizes(
        qwen=(896, 4864, 24, 14, 2), dit_width=1024, dit_depth=22, dit_heads=16, head_width=64, ahead=1024,
        vocoder=512, kernels=(3, 7, 11), pitch=512,
    ),
}  # fmt: skip
"""As in upstream's recipes (examples/libritts); the encoder of the first generation's flow is larger here."""
