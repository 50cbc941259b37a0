"""Who is in which shard: told by a checksum of the researcher's id, unless that shard has no room for them.

Shards become about equally large, also where single people have thousands of works, and people stay where
they are while the catalogue grows a little: the most productive are placed first, and whoever finds their
shard full goes on to the next that their checksum names. The same people with the same work are divided alike
everywhere.
"""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
ROOM = 1.03  # of an even share: how large a shard may become before people go elsewhere
STEP = 32  # an even share is reckoned from a total rounded up, at most by this part of it
TRIES = 8  # shards that a checksum names, one after the other
PRODUCTIVE = (
    16  # whoever has so small a part of a shard's room at most is placed by the checksum at first
)


def divide(checksums: IntArray, work: IntArray, n_shards: int) -> IntArray:
    """Return the shard of each researcher, by the checksum of their id and how many passages they have."""
    weight = np.maximum(work, 1)  # people without any passage take room, too
    room = ROOM * _rounded(int(weight.sum())) / n_shards
    shard = _named(checksums, 0, n_shards)
    filled = np.zeros(n_shards)
    order = np.lexsort((np.arange(len(work)), checksums, -weight))
    large = weight[order] > room / PRODUCTIVE
    for person in order[large].tolist():
        shard[person] = _with_room(filled, shard[person], weight[person], room)
        filled[shard[person]] += weight[person]
    for person in _crowded_out(order[~large], shard, weight, filled, room):
        named = [int(_named(checksums[person : person + 1], n, n_shards)[0]) for n in range(TRIES)]
        free = [one for one in named if filled[one] + weight[person] <= room]
        shard[person] = free[0] if free else int(np.argmin(filled))
        filled[shard[person]] += weight[person]
    return shard


def _rounded(total: int) -> int:
    step = max(1, (1 << max(0, total.bit_length() - 1)) // STEP)
    return -(-total // step) * step


def _named(checksums: IntArray, number: int, n_shards: int) -> IntArray:
    """Return the shard that each checksum names first, second …"""
    if not number:
        return np.asarray(checksums % n_shards, dtype=np.int64)
    mixed = (checksums * 2_654_435_761 + number * 40_503) & 0xFFFFFFFF
    return np.asarray((mixed >> 8) % n_shards, dtype=np.int64)


def _with_room(filled: NDArray[np.float64], wanted: int, weight: int, room: float) -> int:
    has_room = bool(filled[wanted] + weight <= room)
    return int(wanted) if has_room else int(np.argmin(filled))


def _crowded_out(
    people: IntArray, shard: IntArray, weight: IntArray, filled: NDArray[np.float64], room: float
) -> list[int]:
    """Fill the shards with the people who are in them, in their order; return those without room."""
    out: list[int] = []
    for number in range(len(filled)):
        here = people[shard[people] == number]
        after = filled[number] + np.cumsum(weight[here])
        fits = after <= room
        out += here[~fits].tolist()
        filled[number] += int(weight[here][fits].sum())
    place = {person: at for at, person in enumerate(people.tolist())}
    return sorted(out, key=place.__getitem__)
