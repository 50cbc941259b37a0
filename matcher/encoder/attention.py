"""Scaled dot-product attention within each text of a batch whose tokens lie in one row.

Texts that follow each other and are nearly as long as each other are padded and computed together; a block
fits into a core's cache. In bfloat16 without AMX the library's kernel takes a third of a forward pass for a
twentieth of its arithmetic: most of that are exponentials that it computes in single precision to take a
maximum off first. Here they are computed in bfloat16, as they are stored anyway, and their sum is one more
column of the values' product.
"""

from collections.abc import Iterator, Sequence
from typing import Any

BLOCK_TOKENS = 512  # padded: queries, keys, values and weights of a block stay in the cache
SHORTEST_SHARE = 0.8  # of the block's longest text; what is shorter begins another
FEW_TOKENS = 64  # of a block: below, starting five small steps takes longer than the library's one
LARGEST_SUM = 1e30  # of exponentials; bfloat16 ends at 3e38


class Attention:
    """Attention for texts of so many tokens each, which lie one after another.

    `is_quick` computes exponentials in the numbers' own precision.
    """

    def __init__(self, counts: Sequence[int], heads: int, *, is_quick: bool) -> None:
        self._heads = heads
        self._is_quick = is_quick
        self.blocks = [_Block(start, block) for start, block in _blocks(counts)]

    def __call__(self, projected: Any) -> Any:
        """Return (n, dimension) for queries, keys and values side by side, shape (n, 3 dimension)."""
        if len(self.blocks) == 1:
            return self._attend(self.blocks[0], projected)
        attended = projected.new_empty(len(projected), projected.shape[1] // 3)
        for block in self.blocks:
            rows = slice(block.start, block.end)
            attended[rows] = self._attend(block, projected[rows])
        return attended

    def _attend(self, block: "_Block", projected: Any) -> Any:
        parts = block.padded(projected).view(block.texts, block.longest, 3, self._heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        attended = None
        if self._is_quick and block.texts * block.longest >= FEW_TOKENS:
            attended = _quickly(query, key, value, block.real)
        if attended is None:
            attended = _by_the_library(query, key, value, block.mask)
        rows = attended.transpose(1, 2).reshape(block.texts * block.longest, -1)
        return rows if block.places is None else rows[block.places]


class _Block:
    """Texts that are padded together; `start` and `end` are rows of tokens.

    `real` is 1 for tokens and 0 for padding, shape (texts, longest); `mask` is the same as truth values,
    None where nothing is padded, as `places` is, each token's row among the padded.
    """

    def __init__(self, start: int, counts: Sequence[int]) -> None:
        import torch

        lengths = torch.tensor(counts)
        self.start, self.end = start, start + sum(counts)
        self.texts, self.longest = len(counts), max(counts)
        real = torch.arange(self.longest)[None, :] < lengths[:, None]
        self.real = real
        is_even = bool(real.all())
        self.mask = None if is_even else real[:, None, None, :]
        self.places = None if is_even else real.flatten().nonzero()[:, 0]

    def padded(self, rows: Any) -> Any:
        """Return the rows with rows of zeros where texts are shorter than the longest."""
        if self.places is None:
            return rows
        padded = rows.new_zeros(self.texts * self.longest, rows.shape[1])
        padded[self.places] = rows
        return padded


def _blocks(counts: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield the first row and the tokens of each text of every block, in order."""
    start, block = 0, list(counts[:1])
    for count in counts[1:]:
        longest = max(*block, count)
        is_alike = min(*block, count) >= SHORTEST_SHARE * longest
        if is_alike and longest * (len(block) + 1) <= BLOCK_TOKENS:
            block.append(count)
            continue
        yield start, block
        start, block = start + sum(block), [count]
    yield start, block


def _quickly(query: Any, key: Any, value: Any, real: Any) -> Any | None:
    """Return softmax(query · key / √dimension) · value, or None where an exponential is too large or small.

    All have shape (texts, heads, tokens, dimension). Padding has values of zero, and is not summed either.
    """
    import torch

    texts, heads, tokens, dimension = query.shape
    ones = real.to(value.dtype)[:, None, :, None].expand(texts, heads, tokens, 1)
    summed = torch.cat((value, ones), -1).view(-1, tokens, dimension + 1)
    queries, keys = (part.reshape(-1, tokens, dimension) for part in (query, key))
    weights = queries.new_empty(len(queries), tokens, tokens)
    torch.baddbmm(
        weights, queries, keys.transpose(1, 2), beta=0, alpha=dimension**-0.5, out=weights
    )
    product = torch.bmm(weights.exp_(), summed)
    total = product[..., dimension:]
    if not 1 / LARGEST_SUM < float(total.min()) <= float(total.max()) < LARGEST_SUM:
        return None
    return (product[..., :dimension] / total).view(texts, heads, tokens, dimension)


def _by_the_library(query: Any, key: Any, value: Any, mask: Any | None) -> Any:
    from torch.nn.functional import scaled_dot_product_attention

    return scaled_dot_product_attention(query, key, value, attn_mask=mask)
