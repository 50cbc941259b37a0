"""A BERT of three layers with chance weights: fast, and arithmetic that is real."""

from pathlib import Path
from typing import Any

WORDS = 500


def small_bert(folder: Path) -> Any:
    """Return a sentence-transformers model of it; the words are w0, w1 … and the vector is their mean."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=WORDS,
        hidden_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    words = Tokenizer(models.WordLevel({f"w{n}": n for n in range(WORDS)}, unk_token="w0"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="w1").save_pretrained(folder)
    parts = [Transformer(str(folder)), Pooling(64, pooling_mode="mean"), Normalize()]
    return SentenceTransformer(modules=parts, device="cpu").eval()
