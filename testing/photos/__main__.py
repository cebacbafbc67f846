"""``python -m testing.photos``: photos into a folder."""

import argparse
import json
from pathlib import Path

from testing.photos import photos

parser = argparse.ArgumentParser(description="Photos of digits as people take them, made by a program.")
parser.add_argument("folder", type=Path)
parser.add_argument("--count", type=int, default=400)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()
options.folder.mkdir(parents=True, exist_ok=True)
labels: dict[str, int | str] = {}
for photo in photos(options.count, options.seed):
    (options.folder / photo.name).write_bytes(photo.content)
    labels[photo.name] = int(photo.label) if len(photo.label) == 1 else photo.label
(options.folder / "labels.json").write_text(json.dumps(labels, indent=1), encoding="utf-8")
