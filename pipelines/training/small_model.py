"""The language model of the probe, and the folder that it is kept in for other programs.

A transformer in the manner of GPT-2 (Radford et al., 2019): layer norm before each part, learned positions, tied
embeddings. It is written as `config.json` and `model.safetensors` under the names that Hugging Face's transformers
give the parts of GPT-2 (`modeling_gpt2.py`; its matrices stand the other way round), with the corpus's vocabulary
beside it, so that whatever opens such folders, lm-evaluation-harness among them, opens this one. PyTorch is an
optional extra: nothing here imports it before `language_model` is called.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from manifests.errors import UserError
from manifests.writing import sha256_of, write_text
from pipelines.corpus.folder import RAW, RECIPE_NAME
from pipelines.shards.byte_pairs import JsonTokenizer
from pipelines.shards.rank_files import looks_like_ranks
from pipelines.shards.sentencepiece_json import as_json
from pipelines.shards.tokenizer import SentencePieceTokenizer, Tokenizer, load_tokenizer

LAYERS, HEADS, WIDTH = 4, 4, 128
"""About 5 million parameters with a vocabulary of 32,000."""
EPSILON = 1e-5
CONFIG, WEIGHTS = "config.json", "model.safetensors"
PARTS = (
    ("norm1.weight", "ln_1.weight", False),
    ("norm1.bias", "ln_1.bias", False),
    ("self_attn.in_proj_weight", "attn.c_attn.weight", True),
    ("self_attn.in_proj_bias", "attn.c_attn.bias", False),
    ("self_attn.out_proj.weight", "attn.c_proj.weight", True),
    ("self_attn.out_proj.bias", "attn.c_proj.bias", False),
    ("norm2.weight", "ln_2.weight", False),
    ("norm2.bias", "ln_2.bias", False),
    ("linear1.weight", "mlp.c_fc.weight", True),
    ("linear1.bias", "mlp.c_fc.bias", False),
    ("linear2.weight", "mlp.c_proj.weight", True),
    ("linear2.bias", "mlp.c_proj.bias", False),
)
"""The parts of a layer: PyTorch's name, GPT-2's, and whether the matrix is transposed."""


def language_model(torch: Any, vocabulary_size: int, context: int) -> Any:
    """A new model: ids of shape (rows, at most `context`) to scores of shape (rows, the same, vocabulary)."""
    nn = torch.nn

    class Model(nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(vocabulary_size, WIDTH)
            self.places = nn.Embedding(context, WIDTH)
            nn.init.normal_(self.words.weight, std=0.02)
            nn.init.normal_(self.places.weight, std=0.02)
            layer = nn.TransformerEncoderLayer(
                WIDTH,
                HEADS,
                4 * WIDTH,
                dropout=0.0,
                activation="gelu",
                batch_first=True,
                norm_first=True,
                layer_norm_eps=EPSILON,
            )
            norm = nn.LayerNorm(WIDTH, eps=EPSILON)
            self.layers = nn.TransformerEncoder(layer, LAYERS, norm=norm, enable_nested_tensor=False)
            self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(context), persistent=False)

        def forward(self, ids: Any) -> Any:
            size = ids.shape[1]
            hidden = self.words(ids) + self.places.weight[:size]
            return self.layers(hidden, mask=self.mask[:size, :size], is_causal=True) @ self.words.weight.T

    return Model()


def save(model: Any, folder: Path, corpus: Path, about: dict[str, Any]) -> None:
    """Write the model and the vocabulary of `corpus`; `about`: what its shards tell of themselves.

    A vocabulary that transformers has no class for (`.tiktoken`, `tekken.json`), or that is no longer there, is left
    out. Raises UserError where `safetensors` is not installed.
    """
    try:
        from safetensors.torch import save_file
    except ImportError:
        raise UserError("safetensors is not installed; expected `pip install proofpile[torch]`") from None
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().cpu() for name, value in model.state_dict().items()}
    found = {"transformer.wte.weight": state["words.weight"], "transformer.wpe.weight": state["places.weight"]}
    for layer in range(LAYERS):
        for ours, theirs, turned in PARTS:
            value = state[f"layers.layers.{layer}.{ours}"]
            found[f"transformer.h.{layer}.{theirs}"] = (value.T if turned else value).contiguous()
    for part in ("weight", "bias"):
        found[f"transformer.ln_f.{part}"] = state[f"layers.norm.{part}"]
    save_file(found, folder / WEIGHTS, metadata={"format": "pt"})
    config = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": len(state["words.weight"]),
        "n_positions": len(state["places.weight"]),
        "n_embd": WIDTH,
        "n_layer": LAYERS,
        "n_head": HEADS,
        "activation_function": "gelu",
        "layer_norm_epsilon": EPSILON,
        "attn_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
        "bos_token_id": about["end"] if about["begin"] is None else about["begin"],
        "eos_token_id": about["end"],
        "tie_word_embeddings": True,
    }
    write_text(folder / CONFIG, json.dumps(config, indent=1) + "\n")
    vocabulary = vocabulary_of(corpus, about["tokenizer_sha256"])
    if vocabulary is not None:
        _save_vocabulary(vocabulary, folder, about)


def vocabulary_of(corpus: Path, sha256: str) -> Path | None:
    """The file of a corpus's vocabulary: among what was fetched, or where its recipe says; None if it is gone."""
    path = corpus / RECIPE_NAME
    recipe = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    name = (recipe.get("shards") or {}).get("tokenizer", "")
    address = ((recipe.get("assets") or {}).get(name) or {}).get("from", "")
    there = sorted((corpus / RAW / "assets" / name).rglob("*")) if name else []
    chosen = [one for one in (*there, Path(address)) if one.is_file()]
    return next((one for one in chosen if sha256_of(one) == sha256), None)


def _save_vocabulary(path: Path, folder: Path, about: dict[str, Any]) -> None:
    with path.open("rb") as stream:
        if looks_like_ranks(stream.read(4096).lstrip()):
            return
    tokenizer = load_tokenizer(path, compiled=False)
    if isinstance(tokenizer, JsonTokenizer) and '"model"' not in path.read_text(encoding="utf-8"):
        return
    text = as_json(tokenizer.model) if isinstance(tokenizer, SentencePieceTokenizer) else path.read_text("utf-8")
    if text is None:
        shutil.copyfile(path, folder / "tokenizer.model")
    else:
        write_text(folder / "tokenizer.json", text)
    end, begin = _name(tokenizer, about["end"]), _name(tokenizer, about["begin"])
    config = {
        "tokenizer_class": "LlamaTokenizer" if text is None else "PreTrainedTokenizerFast",
        "eos_token": end,
        "bos_token": begin or end,
        "add_bos_token": False,
        "add_eos_token": False,
    }
    write_text(folder / "tokenizer_config.json", json.dumps(config, ensure_ascii=False, indent=1) + "\n")


def _name(tokenizer: Tokenizer, mark: int | None) -> str | None:
    return next((name for name, number in tokenizer.special.items() if number == mark), None)
