#!/usr/bin/env python3
"""Holds every #include of the tree to the table "The house" of docs/design.md; names each edge that it does not allow."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath

TABLE = "docs/design.md"
SOURCE = re.compile(r"(?!third_party/).*\.(c|cpp|cu|cuh|h|hpp|inc)$")
INCLUDE = re.compile(r'\s*#\s*include\s*["<]([^">]+)[">]')
FOLDERS = ["", "include", "tools", "tests"]  # where a build looks, after the file's own


@dataclass
class Room:
    name: str
    paths: list[str]  # folders end in a slash
    may_use: list[str]
    line: int


def names(cell):
    """The names of a cell, without backticks and closing slashes."""
    return [part.strip(" `").rstrip("/") for part in cell.split(",")]


def read_table(text):
    """The rooms of the table, in its order. The vocabulary is every room's."""
    rooms = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            inside = line == "## The house"
        if not inside or not line.startswith("|") or line.startswith(("| room |", "|---")):
            continue
        place, _, may_use = (cell.strip() for cell in line.strip("|").split("|"))
        title, colon, paths = place.rpartition(":")
        paths = [path.strip(" `") for path in paths.split(",")]
        words = {"nothing": [], "all above": [room.name for room in rooms]}
        rooms.append(Room(title if colon else names(place)[0], paths, words.get(may_use, names(may_use)), number))
    return rooms


def faults_of_table(rooms, files):
    """What is wrong with the table itself: a room uses what stands above it, so there is no way round in a circle."""
    if not rooms:
        yield f"{TABLE}: no table of rooms under 'The house'"
    above = []
    for room in rooms:
        if room.name in above:
            yield f"{TABLE}:{room.line}: {room.name} has a row already"
        for name in room.may_use:
            if name not in above:
                yield f"{TABLE}:{room.line}: {room.name} may use {name}, which is no room above it"
        for path in room.paths:
            if not any(is_in(file, path) for file in files):
                yield f"{TABLE}:{room.line}: nothing lies at {path}"
        above.append(room.name)


def is_in(file, path):
    return file.startswith(path) if path.endswith("/") else file == path


def room_of(file, rooms):
    """The room with the longest path that the file lies in."""
    found = [(len(path), room) for room in rooms for path in room.paths if is_in(file, path)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def included(file, name, files):
    """The file of the tree that an #include names; None for those of libraries."""
    for folder in [dirname(file), *FOLDERS]:
        target = normpath(join(folder, name))
        if target in files:
            return target
    return None


def faults(root):
    """One line for each fault of the table and of the tracked sources under a folder."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    files = set(listed.split("\0")) - {""}
    rooms = read_table((root / TABLE).read_text(encoding="utf-8"))
    yield from faults_of_table(rooms, files)
    for file in sorted(filter(SOURCE.match, files)):
        room = room_of(file, rooms)
        if not room:
            yield f"{file}: lies in no room of {TABLE}"
            continue
        allowed = [room.name, "vocabulary", *room.may_use]
        for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            target = included(file, match[1], files) if match else None
            if not target:
                continue
            other = room_of(target, rooms)
            if not other:
                yield f"{file}:{number}: {target} lies in no room of {TABLE}"
            elif other.name not in allowed:
                yield (f"{file}:{number}: {room.name} -> {other.name} ({target}); "
                       f"{room.name} may use {', '.join(['the vocabulary', *room.may_use])}")


def main():
    found = list(faults(Path(__file__).resolve().parents[2]))
    for fault in found:
        print(fault)
    print(f"{len(found)} faults against {TABLE}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
