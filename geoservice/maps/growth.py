"""When ground was first seen, as an image whose grey is the number of the step: the map's own script paints it step by step."""

from struct import pack
from zlib import compress, crc32

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def number_image(numbers: NDArray[np.uint8]) -> bytes:
    """An array (height, width) as a PNG of 8-bit grey, so that a browser reads back exactly these numbers."""
    height, width = numbers.shape
    head = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    # Each row says as itself how much it differs from the one above: most rows of ground hardly do.
    above = np.vstack((np.zeros((1, width), np.uint8), numbers[:-1]))
    rows = np.hstack((np.full((height, 1), 2, np.uint8), numbers - above))
    parts = ((b"IHDR", head), (b"IDAT", compress(rows.tobytes(), 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + name + body + pack(">I", crc32(name + body))
