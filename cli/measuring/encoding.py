"""The encoder, on made-up texts: what share of the processor's limit it reaches."""

from typing import TYPE_CHECKING

from cli.measuring.results import HIGHER, Findings, Ratio

if TYPE_CHECKING:
    from matcher.encoder.encoder import Encoder
    from matcher.passages import Passage

MADE_UP = (
    "食品の包装材料について、酸素と水蒸気の透過を抑えるための多層フィルムの設計を行う。"
    "塗工の条件と保存試験の結果から、常温で六か月もつ厚さを求めた。",
    "We study how thin coatings keep oxygen and water away from food. Films of several layers were "
    "stored for six months at room temperature, and their permeability was measured each week.",
)
REPEATED = 4  # times at most, so that lengths differ


def made_up_passages(encoder: "Encoder", count: int) -> list["Passage"]:
    """Return so many passages, half of them Japanese, a sentence to some paragraphs long."""
    texts = [
        text * (1 + number % REPEATED) for number in range((count + 1) // 2) for text in MADE_UP
    ]
    return [encoder.split("", text)[0] for text in texts[:count]]


def measure_encoding(encoder: "Encoder", count: int) -> Findings:
    """Encode so many passages, and a short need several times."""
    from matcher.encoder.speed import measure_encoder

    speed = measure_encoder(encoder, made_up_passages(encoder, count))
    return Findings(
        {
            "share of the processor's limit": Ratio(speed.share, HIGHER),
            "short need / its limit": Ratio(speed.short_ms / speed.short_ceiling_ms),
        },
        {
            "texts_a_second": speed.texts_a_second,
            "tokens_a_second": speed.tokens_a_second,
            "limit_gflop_a_second": speed.ceiling / 1e9,
            "short_need_ms": speed.short_ms,
        },
    )
