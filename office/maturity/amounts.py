"""Great round sums of yen as people say them: 10億円, 2,500万円, 1 billion yen."""

_JAPANESE = ((10**8, "億"), (10**4, "万"))
_ENGLISH = ((10**9, " billion"), (10**6, " million"))
_TENTH = 10  # what is not whole in a unit may have one digit behind its point


def round_yen(amount: int, language: str) -> str:
    """Return a sum in the greatest unit in which it is whole, or has one decimal; else in digits."""
    units, ends = (_JAPANESE, "円") if language == "ja" else (_ENGLISH, " yen")
    for size, name in units:
        if amount >= size and amount * _TENTH % size == 0:
            said = f"{amount / size:,.1f}".removesuffix(".0")
            return f"{said}{name}{ends}"
    return f"{amount:,}{ends}"
