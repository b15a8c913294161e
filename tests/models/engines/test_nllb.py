"""NLLB-200 by every backend that runs here: tiny models of its architecture, in its own environment."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from claude_narrator.models.engine_state import EngineSpec
from claude_narrator.models.errors import EngineUnavailable, ModelMissing, UnknownLanguage
from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import Language
from tests.engine_environments import ensure, probe

pytestmark = [pytest.mark.anyio, pytest.mark.models]
FP32 = ("torch-fp32", "ctranslate2-fp32")
INT8 = ("torch-int8", "ctranslate2-int8")
BACKENDS = (*FP32, "torch-bf16", *INT8)
EN, JA = Language("en"), Language("ja")
ENGLISH = "The server is not responding, so I will restart it now."
JAPANESE = "サーバーが応答しないので、今すぐ再起動します。"
FRENCH = "Le serveur ne répond pas, je vais le redémarrer."
PROBE = Path(__file__).with_name("nllb_probe.py")
each_backend = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the probe makes its models; below it, `taught` has learnt some sentences by heart."""
    return tmp_path_factory.mktemp("nllb")


@pytest.fixture(scope="module")
def facts(folder: Path) -> Any:
    """What `nllb_probe.py` found."""
    return probe("nllb", PROBE, str(folder))


def test_the_reference_has_learnt_the_sentences_so_that_equality_means_something(facts: Any) -> None:
    assert facts["expected"] == facts["backends"]["torch-fp32"]["said"]
    assert len({tuple(reply) for reply in facts["generated"]}) == len(set(facts["expected"])) == 9


@pytest.mark.parametrize("backend", FP32)
def test_in_fp32_the_tokens_are_those_of_transformers_generate(facts: Any, backend: str) -> None:
    assert facts["backends"][backend]["tokens"] == facts["generated"]


@each_backend
def test_every_backend_says_what_the_model_has_learnt(facts: Any, backend: str) -> None:
    assert facts["backends"][backend]["said"] == facts["expected"]


@each_backend
def test_what_really_runs_is_told(facts: Any, backend: str) -> None:
    runtime, precision = backend.split("-")
    assert facts["backends"][backend]["loaded"] == ["cpu", f"{precision} ({runtime})"]


@each_backend
def test_the_translation_comes_token_by_token(facts: Any, backend: str) -> None:
    pieces = facts["backends"][backend]["pieces"]
    assert "".join(pieces) == JAPANESE
    assert len(pieces) > 5
    assert max(map(len, pieces)) <= 4


@each_backend
def test_the_empty_text_runs_the_model_and_gives_nothing(facts: Any, backend: str) -> None:
    assert facts["backends"][backend]["warmed"] == [""]


@each_backend
def test_sentences_are_translated_one_by_one_and_joined_as_the_language_does(
    facts: Any, backend: str
) -> None:
    assert facts["backends"][backend]["two sentences"] == f"よし。{JAPANESE}"
    assert facts["backends"][backend]["two in French"] == f"Bien. {FRENCH}"


@each_backend
def test_a_model_that_never_ends_is_ended(facts: Any, backend: str) -> None:
    (short, of_short), (_, of_long) = facts["backends"][backend]["endless"]
    assert of_short == 24 + 3 * short
    assert of_long == 40 - 2  # what its positions allow


@each_backend
def test_closing_the_translation_ends_what_runs_behind_it(facts: Any, backend: str) -> None:
    given, threads, steps = facts["backends"][backend]["cancelled"]
    assert (given, threads) == (1, 0)
    assert steps == (1 if backend.startswith("torch") else 0)  # CTranslate2 does not tell its own


def test_int8_keeps_a_scale_for_each_row_and_the_table_in_fp16(facts: Any) -> None:
    assert 0 < facts["int8 error"]["layer"] < 0.03
    assert 0 < facts["int8 error"]["table"] < 0.001


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("en tlh", "does not translate 'tlh'"),
        ("xx ja", "does not translate 'xx'"),
        ("en de", "this model's tokenizer has no deu_Latn, for de"),
        ("en en-GB", "en into en-GB is no translation"),
        ("sr-Latn ja", "nllb writes sr as Cyrl alone, not Latn"),
    ],
)
def test_a_language_that_the_model_would_take_for_unknown_is_refused(
    facts: Any, pair: str, words: str
) -> None:
    code, text = facts["languages"][pair]
    assert code == "unknown_language"
    assert words in text


def test_a_text_becomes_the_tokens_that_transformers_makes_of_it(facts: Any) -> None:
    assert facts["texts"]["same tokens"]


def test_a_text_that_spells_a_control_token_does_not_contain_one(facts: Any) -> None:
    assert not facts["texts"]["special"]


def test_what_holds_no_word_comes_back_and_nothing_gives_nothing(facts: Any) -> None:
    assert facts["texts"]["no words"] == ["🎉 …", "", "。、！"]
    assert facts["texts"]["hostile"] == [True, True]


def test_of_a_long_text_nothing_is_left_out(facts: Any) -> None:
    assert facts["texts"]["long"] == JAPANESE * 60
    assert facts["texts"]["one long sentence"]


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        ("no weights", "model_missing", "holds no model.safetensors or pytorch_model.bin"),
        ("cut weights", "engine_unavailable", "are damaged: pytorch_model.bin: PytorchStreamReader failed"),
        ("cut weights, ctranslate2", "engine_unavailable", "are damaged: pytorch_model.bin"),
        ("empty weights", "engine_unavailable", "are damaged: pytorch_model.bin"),
        ("a tensor missing", "engine_unavailable", "missing, such as model.decoder.layers.1.fc2.weight"),
        ("a tensor missing, ctranslate2", "engine_unavailable", "missing, such as model.decoder.layers.1"),
        ("other sizes", "engine_unavailable", "are damaged: size mismatch for model.decoder.layers.1"),
        ("no tokenizer", "model_missing", "tokenizer.json is not here"),
        ("cut tokenizer", "engine_unavailable", "tokenizer.json cannot be read"),
        ("larger tokenizer", "engine_unavailable", "has more tokens than the weights beside it"),
        ("no configuration", "model_missing", "config.json is not here"),
        ("a part missing", "model_missing", "part-2.bin is not here"),
        ("cut safetensors", "engine_unavailable", "are damaged: model.safetensors"),
    ],
)
def test_a_damaged_model_is_refused_in_a_line_that_names_the_file(
    facts: Any, damage: str, code: str, words: str
) -> None:
    found, text = facts["damaged"][damage]
    assert (found, words in text) == (code, True), text
    assert "\n" not in text
    assert len(text) < 400
    assert text.endswith("Put the files of one whole NLLB-200 model there.")


def test_numbers_that_are_none_are_an_error_and_no_text(facts: Any) -> None:
    assert facts["no numbers"] == ["engine_failed", "nllb computed what is no number in fp32 on cpu"]


def test_what_does_not_fit_into_the_memory_that_is_allowed_is_refused_with_the_figure(facts: Any) -> None:
    code, text = facts["no memory"]
    assert code == "engine_unavailable"
    assert "needs 0.6 GB of memory as ctranslate2-int8 on cpu and 0.0 GB are free" in text


def test_a_gpu_that_fails_leaves_the_work_to_the_cpu_and_is_told_when_there_is_no_other(facts: Any) -> None:
    assert facts["failing device"]["with another"] == ["cpu", "int8", JAPANESE]
    code, text = facts["failing device"]["alone"]
    assert code == "engine_unavailable"
    assert text.startswith("meta cannot run nllb: ")


@pytest.mark.parametrize("form", ["parts", "safetensors", "legacy"])
def test_weights_in_another_form_say_the_same(facts: Any, form: str) -> None:
    assert facts["other forms"][form] == JAPANESE


def test_ctranslate2s_form_is_made_once_and_anew_when_it_must(facts: Any) -> None:
    made = facts["conversion"]
    assert made["made once"]
    assert made["a damaged one is made anew"]
    assert made["one of other weights is made anew"]
    assert not made["leftover"]


def test_a_model_that_was_converted_elsewhere_is_used_as_it_is(facts: Any) -> None:
    assert facts["conversion"]["by itself"] == ["int8 (ctranslate2)", JAPANESE]


def test_a_folder_that_takes_no_file_is_told_with_another_backend(facts: Any) -> None:
    code, text = facts["conversion"]["read-only"]
    assert code == "engine_unavailable"
    assert "read-only/ctranslate2-int8, which CTranslate2 makes of the model, cannot be written: Perm" in text
    assert "voice settings set engines.nllb.backend torch-bf16" in text


def test_what_is_asked_for_and_is_not_here_is_told_with_the_command(facts: Any) -> None:
    assert facts["asked for a model"] == [
        "model_missing",
        "nllb-200-3.3b is not on this machine. Run: voice models pull nllb-200-3.3b",
    ]
    assert facts["asked for nonsense"][0] == "bad_input"
    assert facts["not loaded"] == ["engine_failed", "nllb is not loaded"]


@asynccontextmanager
async def hosted(model: Path, backend: str = "torch-int8") -> AsyncIterator[EngineHost]:
    """A host of the engine in its own environment, as the daemon has one."""
    options = {"backend": backend, "device": "cpu", "model": "auto", "model_folder": str(model)}
    entry_point = "claude_narrator.models.engines.nllb:Nllb"
    spec = EngineSpec("nllb", entry_point, options=options, environment=ensure("nllb"))
    async with anyio.create_task_group() as tasks:
        host = EngineHost(spec, tasks)
        yield host
        await host.close()


async def translated(host: EngineHost, text: str, target: Language = JA) -> str:
    return "".join([piece async for piece in host.translate(text, EN, target)])


@pytest.mark.parametrize("backend", INT8)
async def test_a_worker_translates_is_cancelled_and_translates_again(
    folder: Path, facts: Any, backend: str
) -> None:
    async with hosted(folder / "taught", backend) as host:
        await host.load()
        assert (host.state.device, host.state.precision) == ("cpu", f"int8 ({backend.split('-')[0]})")
        assert await translated(host, "") == ""
        assert await translated(host, ENGLISH) == JAPANESE
        async with aclosing(host.translate(f"{ENGLISH} " * 200, EN, JA)) as pieces:
            assert JAPANESE.startswith(await anext(pieces))
        with anyio.fail_after(20):
            assert await translated(host, ENGLISH) == JAPANESE
        with pytest.raises(UnknownLanguage, match="tokenizer has no deu_Latn"):
            await translated(host, ENGLISH, Language("de"))
        assert await translated(host, ENGLISH, Language("fr-CA")) == FRENCH
        assert host.state.restarts == 0


async def test_a_worker_whose_model_is_damaged_is_unavailable_with_the_reason(
    folder: Path, facts: Any, tmp_path: Path
) -> None:
    model = tmp_path / "own"
    shutil.copytree(folder / "taught", model)
    (model / "pytorch_model.bin").write_bytes((model / "pytorch_model.bin").read_bytes()[:20_000])
    async with hosted(model) as host:
        with pytest.raises(EngineUnavailable, match=r"the weights of own are damaged: pytorch_model\.bin"):
            await host.load()
    (model / "pytorch_model.bin").unlink()
    async with hosted(model) as host:
        with pytest.raises(ModelMissing, match=r"holds no model\.safetensors or pytorch_model\.bin"):
            await host.load()
