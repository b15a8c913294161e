"""The configuration files of CosyVoice models of any size, in upstream's own format."""

from __future__ import annotations

from dataclasses import asdict

from tests.models.engines.cosyvoice_sizes import Sizes

_HEAD = """
seed: !apply:torch.manual_seed [1986]
sample_rate: {rate}
qwen_pretrain_path: ''
allowed_special: 'all'
"""
_CONFORMER = """
            attention_heads: {heads}
            linear_units: {units}
            dropout_rate: 0.1
            positional_dropout_rate: 0.1
            attention_dropout_rate: 0.0
            pos_enc_layer_type: 'rel_pos_espnet'
            selfattention_layer_type: 'rel_selfattn'
"""
_ENCODER = (
    _CONFORMER
    + """
            num_blocks: {blocks}
            normalize_before: True
            input_layer: 'linear'
            use_cnn_module: False
            macaron_style: False
"""
)
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
_UNET = """
            in_channels: 320
            out_channels: 80
            dropout: 0.0
            attention_head_dim: {head_width}
            n_blocks: {unet_blocks}
            num_mid_blocks: {unet_mid_blocks}
            num_heads: {unet_heads}
            act_fn: 'gelu'
"""
_CHUNKED = """
            static_chunk_size: 50
            num_decoding_left_chunks: -1
"""
_SAMPLING = """
    length_normalized_loss: True
    lsm_weight: 0
    sampling: !name:cosyvoice.utils.common.ras_sampling
        top_p: 0.8
        top_k: 25
        win_size: 10
        tau_r: 0.1
"""
_LLM_1 = (
    """
llm: !new:cosyvoice.llm.llm.TransformerLM
    text_encoder_input_size: {text_width}
    llm_input_size: {width}
    llm_output_size: {width}
    text_token_size: 51866
    speech_token_size: 4096
    spk_embed_dim: 192
    text_encoder: !new:cosyvoice.transformer.encoder.ConformerEncoder
            input_size: {text_width}
            output_size: {width}
            use_dynamic_chunk: False
            use_dynamic_left_chunk: False
            static_chunk_size: 1
"""
    + _ENCODER
    + """
    llm: !new:cosyvoice.transformer.encoder.TransformerEncoder
            input_size: {width}
            output_size: {width}
            num_blocks: {llm_blocks}
            input_layer: 'linear_legacy'
            static_chunk_size: 1
"""
    + _CONFORMER
    + _SAMPLING
)
_LLM_2 = (
    """
llm: !new:cosyvoice.llm.llm.{llm}
    llm_input_size: {qwen[0]}
    llm_output_size: {qwen[0]}
    speech_token_size: 6561
    mix_ratio: [5, 15]
    llm: !new:cosyvoice.llm.llm.Qwen2Encoder
        pretrain_path: !ref <qwen_pretrain_path>
"""
    + _SAMPLING
)
_FLOW = """
flow: !new:cosyvoice.flow.flow.{flow}
    output_size: 80
    spk_embed_dim: 192
    output_type: 'mel'
    only_mask_loss: True
"""
_CAUSAL = """
    vocab_size: 6561
    input_frame_rate: 25
    token_mel_ratio: 2
    pre_lookahead_len: 3
"""
_FLOW_1 = (
    _FLOW
    + """
    input_size: {width}
    vocab_size: 4096
    input_frame_rate: 50
    encoder: !new:cosyvoice.transformer.encoder.ConformerEncoder
            input_size: {width}
            output_size: {width}
"""
    + _ENCODER
    + """
    length_regulator: !new:cosyvoice.flow.length_regulator.InterpolateRegulator
        channels: 80
        sampling_ratios: [1, 1, 1, 1]
    decoder: !new:cosyvoice.flow.flow_matching.ConditionalCFM
"""
    + _CFM
    + """
        estimator: !new:cosyvoice.flow.decoder.ConditionalDecoder
            channels: [{channels}, {channels}]
"""
    + _UNET
)
_FLOW_2 = (
    _FLOW
    + _CAUSAL
    + """
    input_size: 512
    encoder: !new:cosyvoice.transformer.upsample_encoder.UpsampleConformerEncoder
            input_size: 512
            output_size: 512
            static_chunk_size: 25
"""
    + _ENCODER
    + """
    decoder: !new:cosyvoice.flow.flow_matching.CausalConditionalCFM
"""
    + _CFM
    + """
        estimator: !new:cosyvoice.flow.decoder.CausalConditionalDecoder
            channels: [{channels}]
"""
    + _UNET
    + _CHUNKED
)
_FLOW_3 = (
    _FLOW
    + _CAUSAL
    + """
    input_size: 80
    pre_lookahead_layer: !new:cosyvoice.transformer.upsample_encoder.PreLookaheadLayer
        in_channels: 80
        channels: {ahead}
        pre_lookahead_len: 3
    decoder: !new:cosyvoice.flow.flow_matching.CausalConditionalCFM
"""
    + _CFM
    + """
        estimator: !new:cosyvoice.flow.DiT.dit.DiT
            dim: {dit_width}
            depth: {dit_depth}
            heads: {dit_heads}
            dim_head: {head_width}
            ff_mult: 2
            mel_dim: 80
            mu_dim: 80
            spk_dim: 80
            out_channels: 80
"""
    + _CHUNKED
)
_VOCODER = """
hift: !new:cosyvoice.hifigan.generator.{hift}
    in_channels: 80
    base_channels: {vocoder}
    nb_harmonics: 8
    sampling_rate: {rate}
    nsf_alpha: 0.1
    nsf_sigma: 0.003
    nsf_voiced_threshold: 10
    upsample_rates: {upsample}
    upsample_kernel_sizes: {upsample_kernels}
    istft_params:
        n_fft: 16
        hop_len: 4
    resblock_kernel_sizes: {resblocks}
    resblock_dilation_sizes: {dilations}
    source_resblock_kernel_sizes: {source_kernels}
    source_resblock_dilation_sizes: {source_dilations}
    lrelu_slope: 0.1
    audio_limit: 0.99
    f0_predictor: !new:cosyvoice.hifigan.f0_predictor.{f0}
        num_class: 1
        in_channels: 80
        cond_channels: {pitch}
"""
_AHEAD = """
    conv_pre_look_right: 4
"""
_SPECTROGRAM = """
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
_QWEN_3 = """
    version: cosyvoice3
"""
_TEMPLATES = {
    1: _HEAD + _LLM_1 + _FLOW_1 + _VOCODER + _SPECTROGRAM + _WHISPER,
    2: _HEAD + _LLM_2 + _FLOW_2 + _VOCODER + _SPECTROGRAM + _QWEN,
    3: _HEAD + _LLM_2 + _FLOW_3 + _VOCODER + _AHEAD + _SPECTROGRAM + _QWEN + _QWEN_3,
}
_SOUND = {
    1: {"rate": 22_050, "fft": 1024, "hop": 256, "upsample": [8, 8], "source_kernels": [7, 11]},
    2: {"rate": 24_000, "fft": 1920, "hop": 480, "upsample": [8, 5, 3], "source_kernels": [7, 7, 11]},
}
_CLASSES = {
    1: ("", "MaskedDiffWithXvec", "HiFTGenerator", "ConvRNNF0Predictor"),
    2: ("Qwen2LM", "CausalMaskedDiffWithXvec", "HiFTGenerator", "ConvRNNF0Predictor"),
    3: ("CosyVoice3LM", "CausalMaskedDiffWithDiT", "CausalHiFTGenerator", "CausalConvRNNF0Predictor"),
}


def configuration_of(generation: int, sizes: Sizes) -> str:
    """Return the YAML file of a model of that generation."""
    sound = _SOUND[min(generation, 2)]
    stages = len(sound["upsample"])  # type: ignore[arg-type]
    return _TEMPLATES[generation].format(
        **asdict(sizes),
        **sound,
        **dict(zip(("llm", "flow", "hift", "f0"), _CLASSES[generation], strict=True)),
        upsample_kernels=[16, 16] if generation == 1 else [16, 11, 7],
        resblocks=list(sizes.kernels),
        dilations=[[1, 3, 5]] * len(sizes.kernels),
        source_dilations=[[1, 3, 5]] * stages,
    )
