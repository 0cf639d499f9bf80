"""Reads the captured exchanges of tests/vectors (their form: tests/vectors/from_json.py)."""
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
MARKS = (">| ", ">~ ", "> ", "<+ ", "<| ", "< ", "~ ")


@dataclass
class Vector:
    name: str = ""
    transport: str = ""
    pieces: list = field(default_factory=list)  # (mark, octets)

    def octets(self, *marks):
        return [octets for mark, octets in self.pieces if mark in marks]

    def exchanges(self):
        """(request, response) pairs, where both are whole messages."""
        whole = [piece for piece in self.pieces if piece[0] in "><"]
        return [(asked[1], answered[1]) for asked, answered in zip(whole, whole[1:])
                if (asked[0], answered[0]) == (">", "<")]


def read_vector(path):
    vector = Vector()
    for line in path.read_text().splitlines():
        line = line.split("#", 1)[0].rstrip()
        mark = next((mark for mark in MARKS if line.startswith(mark)), None)
        if line.startswith("name: "):
            vector.name = line[6:]
        elif line.startswith("transport: "):
            vector.transport = line[11:]
        elif mark:
            vector.pieces.append((mark.strip(), bytes.fromhex(line[len(mark):])))
        elif line.startswith("  "):
            mark, octets = vector.pieces[-1]
            vector.pieces[-1] = (mark, octets + bytes.fromhex(line))
    return vector


def vectors(folder):
    return [read_vector(path) for path in sorted((FOLDER / folder).glob("*.txt"))]


def vector(folder, name):
    return read_vector(FOLDER / folder / f"{name}.txt")
