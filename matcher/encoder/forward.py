"""Runs a model over token ids: BERT without padding and with its weights laid out once, others as they are.

A batch of texts of several lengths is one row of tokens for every matrix product; only attention, a
twentieth of the work at 150 tokens, looks at padded texts. In bfloat16 the weights are stored in the layout
that the processor's kernels read (oneDNN), which otherwise is made anew for every product: of a short
need's time that is the half. docs/performance.md has what both bring.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.encoder.attention import Attention

FloatArray = NDArray[np.float32]
TokenIds = Sequence[Sequence[int]]
CPU = "cpu"


@dataclass(frozen=True)
class EncodedText:
    """Of one text: its vector, of any length, shape (dimension,), and its tokens' (n, dimension)."""

    vector: FloatArray
    tokens: FloatArray


class Forward(Protocol):
    """What runs a model."""

    def __call__(self, ids: TokenIds) -> list[EncodedText]:
        """Return what the model makes of each text, special tokens included, in order."""
        ...


def choose_forward(model: Any, tokenizer: Any, *, precision: str, device: str = CPU) -> Forward:
    """Return how to run a sentence-transformers model: without padding where it is a BERT on a processor."""
    import torch

    if device == CPU and _is_plain_bert(model):
        return UnpaddedBert(model[0].model, getattr(torch, precision))
    return PaddedForward(model, tokenizer)


def _is_plain_bert(model: Any) -> bool:
    """Say whether the model is a BERT, the mean of its tokens and nothing that `UnpaddedBert` leaves out."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertModel

    parts = list(model)
    if not 2 <= len(parts) <= 3 or type(parts[0]) is not Transformer:
        return False
    bert, pooling = parts[0].model, parts[1]
    return (
        type(bert) is BertModel
        and bert.config.hidden_act == "gelu"
        and getattr(bert.config, "position_embedding_type", "absolute") == "absolute"
        and not bert.config.is_decoder
        and type(pooling) is Pooling
        and pooling.get_config_dict().get("pooling_mode") == "mean"
        and all(type(part) is Normalize for part in parts[2:])
    )


class PaddedForward:
    """Any sentence-transformers model, texts of a batch padded to the longest."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer

    def __call__(self, ids: TokenIds) -> list[EncodedText]:
        """Return what the model makes of each text."""
        import torch

        padded = self._tokenizer.pad(
            {"input_ids": [list(text) for text in ids]}, return_tensors="pt"
        )
        names = ("input_ids", "attention_mask")
        with torch.inference_mode():
            output = self._model({name: padded[name].to(self._model.device) for name in names})
        vectors = output["sentence_embedding"].float().cpu().numpy()
        tokens = output["token_embeddings"].float().cpu().numpy()
        return [EncodedText(vectors[i], tokens[i, : len(text)]) for i, text in enumerate(ids)]


class UnpaddedBert:
    """A BERT's weights and its forward pass (Devlin et al. 2019, "BERT"), the mean of tokens as the vector.

    The weights are copied: a model that is trained further is run by what it was before.
    """

    def __init__(self, bert: Any, dtype: Any) -> None:
        import torch

        self._torch = torch
        config = bert.config
        self._heads: int = config.num_attention_heads
        self._eps: float = config.layer_norm_eps
        # in single precision the library multiplies as fast from the plain layout; processors without
        # AVX512 have no kernels for bfloat16, and multiply slowly what nobody chose for them
        self._is_laid_out = (
            dtype is torch.bfloat16
            and torch.backends.mkldnn.is_available()
            and torch.ops.mkldnn._is_mkldnn_bf16_supported()
        )
        state = {name: tensor.detach().to(dtype) for name, tensor in bert.state_dict().items()}
        self._words = state["embeddings.word_embeddings.weight"]
        kind = state["embeddings.token_type_embeddings.weight"][0]
        self._positions = state["embeddings.position_embeddings.weight"] + kind
        self._first_norm = _pair(state, "embeddings.LayerNorm")
        self._layers = [self._layer(state, n) for n in range(config.num_hidden_layers)]

    def __call__(self, ids: TokenIds) -> list[EncodedText]:
        """Return what the model makes of each text."""
        torch = self._torch
        counts = [len(text) for text in ids]
        positions = torch.cat([torch.arange(count) for count in counts])
        with torch.inference_mode():
            flat = torch.tensor([token for one in ids for token in one])
            rows = self._norm(self._words[flat] + self._positions[positions], self._first_norm)
            attention = Attention(counts, self._heads, is_quick=self._is_laid_out)
            for layer in self._layers:
                rows = self._run(layer, rows, attention)
            tokens = rows.float().numpy()
        ends = np.cumsum(counts)
        parts = [tokens[end - count : end] for end, count in zip(ends, counts, strict=True)]
        return [EncodedText(part.mean(axis=0), part) for part in parts]

    def _layer(self, state: dict[str, Any], number: int) -> dict[str, Any]:
        prefix = f"encoder.layer.{number}"
        projections = [
            _pair(state, f"{prefix}.attention.self.{n}") for n in ("query", "key", "value")
        ]
        joined = tuple(self._torch.cat(parts) for parts in zip(*projections, strict=True))
        layer = {
            "qkv": joined,
            "attended": _pair(state, f"{prefix}.attention.output.dense"),
            "wide": _pair(state, f"{prefix}.intermediate.dense"),
            "narrow": _pair(state, f"{prefix}.output.dense"),
        }
        if self._is_laid_out:
            lay_out = self._torch.ops.mkldnn._reorder_linear_weight
            layer = {
                name: (lay_out(weight.contiguous(), None), bias)
                for name, (weight, bias) in layer.items()
            }
        layer["attended_norm"] = _pair(state, f"{prefix}.attention.output.LayerNorm")
        layer["norm"] = _pair(state, f"{prefix}.output.LayerNorm")
        return layer

    def _run(self, layer: dict[str, Any], rows: Any, attention: Attention) -> Any:
        attended = self._linear(attention(self._linear(rows, layer["qkv"])), layer["attended"])
        rows = self._norm(attended + rows, layer["attended_norm"])
        wide = self._linear(rows, layer["wide"], gelu=True)
        return self._norm(self._linear(wide, layer["narrow"]) + rows, layer["norm"])

    def _linear(self, rows: Any, matrix: tuple[Any, Any], *, gelu: bool = False) -> Any:
        weight, bias = matrix
        if self._is_laid_out:
            then: tuple[str, list[Any], str] = ("gelu", [], "none") if gelu else ("none", [], "")
            return self._torch.ops.mkldnn._linear_pointwise(rows, weight, bias, *then)
        functional = self._torch.nn.functional
        product = functional.linear(rows, weight, bias)
        return functional.gelu(product) if gelu else product

    def _norm(self, rows: Any, norm: tuple[Any, Any]) -> Any:
        return self._torch.nn.functional.layer_norm(rows, rows.shape[-1:], *norm, self._eps)


def _pair(state: dict[str, Any], name: str) -> tuple[Any, Any]:
    return state[f"{name}.weight"], state[f"{name}.bias"]
