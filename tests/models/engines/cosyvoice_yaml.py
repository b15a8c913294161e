"""The configuration files of small CosyVoice models, in upstream's own format."""

from __future__ import annotations

WIDTH = 32
"""Of the language model's vectors."""

_SEEDED = """
seed: !apply:torch.manual_seed [1986]
sample_rate: {rate}
qwen_pretrain_path: ''
allowed_special: 'all'
"""
_CFM = """
        in_channels: 240
        n_spks: 1
        spk_emb_dim: 80
        cfm_params: !new:omegaconf.DictConfig
            content:
                sigma_min: 1e-06
                solver: 'euler'
                t_scheduler: 'cosine'
                training_cfg_rate: 0.2
                inference_cfg_rate: 0.7
                reg_loss_type: 'l1'
"""
_SAMPLING = """
    sampling: !name:cosyvoice.utils.common.ras_sampling
        top_p: 0.8
        top_k: 25
        win_size: 10
        tau_r: 0.1
"""
_CONFORMER = """
            attention_heads: 2
            linear_units: 32
            num_blocks: 1
            dropout_rate: 0.1
            positional_dropout_rate: 0.1
            attention_dropout_rate: 0.0
            pos_enc_layer_type: 'rel_pos_espnet'
            selfattention_layer_type: 'rel_selfattn'
"""
_MACARON = """
            normalize_before: True
            input_layer: 'linear'
            use_cnn_module: False
            macaron_style: False
"""
_UNET = """
            in_channels: 320
            out_channels: 80
            channels: {channels}
            dropout: 0.0
            attention_head_dim: 8
            n_blocks: 1
            num_mid_blocks: 1
            num_heads: 2
            act_fn: 'gelu'
"""
_HIFT = """
hift: !new:cosyvoice.hifigan.generator.{kind}
    in_channels: 80
    base_channels: 32
    nb_harmonics: 8
    sampling_rate: {rate}
    nsf_alpha: 0.1
    nsf_sigma: 0.003
    nsf_voiced_threshold: 10
    upsample_rates: {rates}
    upsample_kernel_sizes: {kernels}
    istft_params:
        n_fft: 16
        hop_len: 4
    resblock_kernel_sizes: [3]
    resblock_dilation_sizes: [[1, 3, 5]]
    source_resblock_kernel_sizes: {source_kernels}
    source_resblock_dilation_sizes: {source_dilations}
    lrelu_slope: 0.1
    audio_limit: 0.99
    {more}
    f0_predictor: !new:cosyvoice.hifigan.f0_predictor.{f0}
        num_class: 1
        in_channels: 80
        cond_channels: 16
feat_extractor: !name:matcha.utils.audio.mel_spectrogram
    n_fft: {fft}
    num_mels: 80
    sampling_rate: {rate}
    hop_size: {hop}
    win_size: {fft}
    fmin: 0
    fmax: 8000
    center: False
"""
_LLM_1 = (
    f"""
llm: !new:cosyvoice.llm.llm.TransformerLM
    text_encoder_input_size: 16
    llm_input_size: {WIDTH}
    llm_output_size: {WIDTH}
    text_token_size: 51866
    speech_token_size: 4096
    length_normalized_loss: True
    lsm_weight: 0
    spk_embed_dim: 192
    text_encoder: !new:cosyvoice.transformer.encoder.ConformerEncoder
            input_size: 16
            output_size: {WIDTH}
            use_dynamic_chunk: False
            use_dynamic_left_chunk: False
            static_chunk_size: 1
"""
    + _CONFORMER
    + _MACARON
    + f"""
    llm: !new:cosyvoice.transformer.encoder.TransformerEncoder
            input_size: {WIDTH}
            output_size: {WIDTH}
            input_layer: 'linear_legacy'
            static_chunk_size: 1
"""
    + _CONFORMER
    + _SAMPLING
)
_FLOW_1 = (
    """
flow: !new:cosyvoice.flow.flow.MaskedDiffWithXvec
    input_size: 32
    output_size: 80
    spk_embed_dim: 192
    output_type: 'mel'
    vocab_size: 4096
    input_frame_rate: 50
    only_mask_loss: True
    encoder: !new:cosyvoice.transformer.encoder.ConformerEncoder
            input_size: 32
            output_size: 32
"""
    + _CONFORMER
    + _MACARON
    + """
    length_regulator: !new:cosyvoice.flow.length_regulator.InterpolateRegulator
        channels: 80
        sampling_ratios: [1, 1, 1, 1]
    decoder: !new:cosyvoice.flow.flow_matching.ConditionalCFM
"""
    + _CFM
    + """
        estimator: !new:cosyvoice.flow.decoder.ConditionalDecoder
"""
    + _UNET.format(channels="[32, 32]")
)
_LLM_23 = (
    f"""
llm: !new:cosyvoice.llm.llm.{{kind}}
    llm_input_size: {WIDTH}
    llm_output_size: {WIDTH}
    speech_token_size: 6561
    length_normalized_loss: True
    lsm_weight: 0
    mix_ratio: [5, 15]
    llm: !new:cosyvoice.llm.llm.Qwen2Encoder
        pretrain_path: !ref <qwen_pretrain_path>
"""
    + _SAMPLING
)
_FLOW_2 = (
    """
flow: !new:cosyvoice.flow.flow.CausalMaskedDiffWithXvec
    input_size: 512
    output_size: 80
    spk_embed_dim: 192
    output_type: 'mel'
    vocab_size: 6561
    input_frame_rate: 25
    only_mask_loss: True
    token_mel_ratio: 2
    pre_lookahead_len: 3
    encoder: !new:cosyvoice.transformer.upsample_encoder.UpsampleConformerEncoder
            input_size: 512
            output_size: 512
            static_chunk_size: 25
"""
    + _CONFORMER
    + _MACARON
    + """
    decoder: !new:cosyvoice.flow.flow_matching.CausalConditionalCFM
"""
    + _CFM
    + """
        estimator: !new:cosyvoice.flow.decoder.CausalConditionalDecoder
"""
    + _UNET.format(channels="[32]")
    + """
            static_chunk_size: 50
            num_decoding_left_chunks: -1
"""
)
_FLOW_3 = (
    """
flow: !new:cosyvoice.flow.flow.CausalMaskedDiffWithDiT
    input_size: 80
    output_size: 80
    spk_embed_dim: 192
    output_type: 'mel'
    vocab_size: 6561
    input_frame_rate: 25
    only_mask_loss: True
    token_mel_ratio: 2
    pre_lookahead_len: 3
    pre_lookahead_layer: !new:cosyvoice.transformer.upsample_encoder.PreLookaheadLayer
        in_channels: 80
        channels: 32
        pre_lookahead_len: 3
    decoder: !new:cosyvoice.flow.flow_matching.CausalConditionalCFM
"""
    + _CFM
    + """
        estimator: !new:cosyvoice.flow.DiT.dit.DiT
            dim: 32
            depth: 2
            heads: 2
            dim_head: 16
            ff_mult: 2
            mel_dim: 80
            mu_dim: 80
            spk_dim: 80
            out_channels: 80
            static_chunk_size: 50
            num_decoding_left_chunks: -1
"""
)
_WHISPER = """
get_tokenizer: !name:whisper.tokenizer.get_tokenizer
    multilingual: True
    num_languages: 100
    language: 'en'
    task: 'transcribe'
"""
_QWEN = """
get_tokenizer: !name:cosyvoice.tokenizer.tokenizer.get_qwen_tokenizer
    token_path: !ref <qwen_pretrain_path>
    skip_special_tokens: True
"""


def configuration_of(generation: int) -> str:
    """Return the YAML file of a model of that generation: every size small, every class the real one."""
    if generation == 1:
        vocoder = _vocoder("HiFTGenerator", "ConvRNNF0Predictor", 22_050, [8, 8], [16, 16], [7, 11], "")
        return _SEEDED.format(rate=22_050) + _LLM_1 + _FLOW_1 + vocoder + _WHISPER
    kind, f0, more = ("HiFTGenerator", "ConvRNNF0Predictor", "")
    if generation == 3:
        kind, f0, more = "CausalHiFTGenerator", "CausalConvRNNF0Predictor", "conv_pre_look_right: 4"
    vocoder = _vocoder(kind, f0, 24_000, [8, 5, 3], [16, 11, 7], [7, 7, 11], more)
    llm = _LLM_23.format(kind="Qwen2LM" if generation == 2 else "CosyVoice3LM")
    tokenizer = _QWEN + ("    version: cosyvoice3\n" if generation == 3 else "")
    return _SEEDED.format(rate=24_000) + llm + (_FLOW_2 if generation == 2 else _FLOW_3) + vocoder + tokenizer


def _vocoder(
    kind: str, f0: str, rate: int, rates: list[int], kernels: list[int], source: list[int], more: str
) -> str:
    return _HIFT.format(
        kind=kind,
        f0=f0,
        rate=rate,
        rates=rates,
        kernels=kernels,
        source_kernels=source,
        source_dilations=[[1, 3, 5]] * len(source),
        fft=1024 if rate == 22_050 else 1920,
        hop=256 if rate == 22_050 else 480,
        more=more,
    )
