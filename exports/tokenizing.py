"""python -m exports.tokenizing FILE: a list of texts a line in, a list of lists of ids a line out."""

from __future__ import annotations

import sys

import orjson
from tokenizers import Tokenizer


def main(file: str) -> None:
    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_truncation()
    for line in sys.stdin.buffer:
        encoded = tokenizer.encode_batch(orjson.loads(line), add_special_tokens=False)
        sys.stdout.buffer.write(orjson.dumps([one.ids for one in encoded]) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
