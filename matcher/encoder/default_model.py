"""Builds the default encoder: a sentence-transformers folder made once from the packed e5 weights.

The folder is written beside its final place and renamed, so that a half-written model is never
loaded, and carries a manifest of checksums. No model hub is asked for anything.
"""

import hashlib
import json
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enmusubi.errors import ModelUnavailableError, StorageError
from matcher.encoder.packed_e5 import PackedModel, packed_model_path, read_packed_model
from matcher.encoder.pinned_weights import check_packed, check_weights

if TYPE_CHECKING:
    from tokenizers import Tokenizer

RECIPE_VERSION = 1  # raise it when the folder would come out differently
MANIFEST_NAME = "enmusubi-model.json"
SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
}
PRIVATE_USE_START = 0xE000
ABANDONED_AFTER_S = 3600  # a build takes a minute; what is older was killed
_STAGING_PREFIX = ".building-"
_LINEAR_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORM_PARTS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def default_model_folder(cache_dir: Path) -> Path:
    """Return where the default encoder lies once it is built."""
    return cache_dir / "models" / f"multilingual-e5-small-q4-v{RECIPE_VERSION}"


def ensure_default_model(cache_dir: Path) -> Path:
    """Return the folder of the default encoder, building it on first use (about twenty seconds)."""
    folder = default_model_folder(cache_dir)
    if is_intact(folder):
        return folder
    from safetensors import SafetensorError

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=folder.parent))
        staging.chmod(0o755)  # the cache may be shared by the service's users
        try:
            check_packed(packed_model_path())
            _write_model(read_packed_model(packed_model_path()), staging)
            _write_manifest(staging)
            _publish(staging, folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(
            "The encoder could not be written to %(folder)s (%(reason)s); it needs 500 "
            "MB. Free some space, or name another folder with ENMUSUBI_CACHE_DIR.",
            folder=folder.parent,
            reason=reason,
        ) from error
    return folder


def is_intact(folder: Path) -> bool:
    """Say whether every file that the manifest names is there, with its recorded size."""
    try:
        manifest = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))
        return all(
            (folder / name).stat().st_size == entry["bytes"]
            for name, entry in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def verify_default_model(folder: Path) -> str:
    """Return the model's checksum after reading every file again.

    Raises ModelUnavailableError when files are missing or differ from the manifest.
    """
    if not is_intact(folder):
        raise ModelUnavailableError(
            "%(folder)s is not complete. The next command that matches builds it again.",
            folder=folder,
        )
    manifest = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))
    for name, entry in manifest["files"].items():
        if _sha256(folder / name) != entry["sha256"]:
            raise ModelUnavailableError(
                "%(file)s was altered after it was built. Delete %(folder)s; the next "
                "command builds it again.",
                file=folder / name,
                folder=folder,
            )
    check_weights(folder)
    return str(manifest["checksum"])


def _sweep(parent: Path) -> None:
    """Delete what killed builds left; each holds half a gigabyte."""
    for path in parent.glob(f"{_STAGING_PREFIX}*"):
        with suppress(FileNotFoundError):  # its builder may be publishing it
            if time.time() - path.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(path, ignore_errors=True)


def _publish(staging: Path, folder: Path) -> None:
    if folder.exists() and not is_intact(folder):
        shutil.rmtree(folder)
    try:
        staging.replace(folder)
    except OSError:
        if not is_intact(folder):  # another process may have published the same model first
            raise


def _write_manifest(folder: Path) -> None:
    files = {
        str(path.relative_to(folder)): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    checksum = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    manifest = {"recipe": RECIPE_VERSION, "checksum": checksum, "files": files}
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1), "utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_model(packed: PackedModel, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    source = folder / "source"
    _bert(packed).save_pretrained(source)
    _fast_tokenizer(packed).save_pretrained(source)
    word_vectors = Transformer(str(source), max_seq_length=packed.max_positions)
    model = SentenceTransformer(
        modules=[word_vectors, Pooling(packed.hidden_size, pooling_mode="mean"), Normalize()],
        prompts={"query": "query: ", "passage": "passage: "},
        device="cpu",
    )
    model.save_pretrained(str(folder), create_model_card=False)
    shutil.rmtree(source)


def _bert(packed: PackedModel) -> Any:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=packed.vocabulary_size,
        hidden_size=packed.hidden_size,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.feed_forward_size,
        max_position_embeddings=packed.max_positions,
        type_vocab_size=packed.token_types,
        layer_norm_eps=packed.layer_norm_eps,
        pad_token_id=packed.special_ids["pad"],
    )
    model = BertModel(config)
    # e5 has no pooler; zeros keep the folder's checksum the same on every machine
    weights = {name: torch.zeros_like(tensor) for name, tensor in model.state_dict().items()}
    for target, source in _tensor_names(packed.layers).items():
        weights[target] = torch.from_numpy(packed.tensors[source]).reshape(weights[target].shape)
    model.load_state_dict(weights)
    return model.eval()


def _tensor_names(layers: int) -> dict[str, str]:
    names = {
        "embeddings.word_embeddings.weight": "emb.word",
        "embeddings.position_embeddings.weight": "emb.pos",
        "embeddings.token_type_embeddings.weight": "emb.type",
        "embeddings.LayerNorm.weight": "emb.ln.w",
        "embeddings.LayerNorm.bias": "emb.ln.b",
    }
    for layer in range(layers):
        for short, long in {**_LINEAR_PARTS, **_NORM_PARTS}.items():
            for suffix, kind in (("w", "weight"), ("b", "bias")):
                names[f"encoder.layer.{layer}.{long}.{kind}"] = f"l{layer}.{short}.{suffix}"
    return names


def build_tokenizer(packed: PackedModel) -> "Tokenizer":
    """Return the SentencePiece Unigram tokenizer: Nmt + NFKC, corrected to the file's own map."""
    from tokenizers import (
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    nfkc = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    differing = _characters_mapped_otherwise(packed.character_map, nfkc)
    shelters = {c: chr(PRIVATE_USE_START + i) for i, c in enumerate(differing)}
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.special_ids["unk"]))
    tokenizer.normalizer = normalizers.Sequence(
        [
            *(normalizers.Replace(c, shelter) for c, shelter in shelters.items()),
            nfkc,
            *(normalizers.Replace(s, packed.character_map.get(c, c)) for c, s in shelters.items()),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    specials = [("<s>", packed.special_ids["bos"]), ("</s>", packed.special_ids["eos"])]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=specials
    )
    return tokenizer


def _characters_mapped_otherwise(character_map: dict[str, str], normalizer: Any) -> list[str]:
    """Characters that the file maps differently from the normaliser (the full-width tilde, say)."""
    surrogates = range(0xD800, 0xE000)
    return [
        chr(code)
        for code in range(0x110000)
        if code not in surrogates
        and normalizer.normalize_str(chr(code)) != character_map.get(chr(code), chr(code))
    ]


def _fast_tokenizer(packed: PackedModel) -> Any:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(packed),
        **SPECIAL_TOKENS,
        model_max_length=packed.max_positions,
    )
