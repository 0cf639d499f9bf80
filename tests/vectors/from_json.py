#!/usr/bin/env python3
"""Writes captured exchanges (JSON, one file per case or per client) in this folder's text form.

    tests/vectors/from_json.py CAPTURES [FOLDER]

CAPTURES holds handle/*.json and idis/*.json; FOLDER is this script's own by default. The form:

    # what the case shows
    name: resolve-not-found
    transport: udp
    > request        a message, envelope first
    < response
    <+ another message of the same response
    >| packet        instead of a request: its parts as they went over UDP
    <| packet
    ~ stream         what follows the response on the same connection
    >~ stream        what the client sends meanwhile
    = field value    facts of a case that is no exchange

Hexadecimal in lines of at most 32 octets; a message's envelope and header stand on lines of their
own, "#" starts a comment, and a case ends with the file.
"""

import json
import pathlib
import re
import sys

ENVELOPE, HEADER = 20, 24
LINE = 32


def hex_lines(data):
    return [data[i : i + LINE].hex() for i in range(0, len(data), LINE)]


def is_native(data):
    return len(data) >= ENVELOPE + HEADER and data[0] in (1, 2, 3)


def describe(data):
    operation = int.from_bytes(data[20:24], "big")
    code = int.from_bytes(data[24:28], "big")
    encrypted = bool(data[2] & 0x40)
    what = "encrypted" if encrypted else f"operation {operation}, code {code}"
    return f"version {data[0]}.{data[1]}, {what}"


def message_lines(mark, data):
    if not is_native(data):
        body = hex_lines(data)
        return [f"{mark} {body[0]}"] + [f"  {line}" for line in body[1:]]
    lines = [f"{mark} {data[:ENVELOPE].hex()}  # {describe(data)}"]
    lines.append(f"  {data[ENVELOPE:ENVELOPE + HEADER].hex()}")
    return lines + [f"  {line}" for line in hex_lines(data[ENVELOPE + HEADER :])]


def block_lines(mark, data):
    body = hex_lines(data)
    return [f"{mark} {body[0]}"] + [f"  {line}" for line in body[1:]]


def messages_in(data):
    """What was sent at once may be several messages, each as long as its envelope says."""
    while is_native(data):
        size = ENVELOPE + int.from_bytes(data[16:20], "big")
        if size >= len(data):
            break
        yield data[:size]
        data = data[size:]
    if data:
        yield data


def side_lines(exchange, side, mark):
    packets = [bytes.fromhex(text) for text in exchange.get(f"{side}_packets_hex") or []]
    lines = []
    for packet in packets:
        lines += block_lines(f"{mark}|", packet)
    if not packets:
        for message in messages_in(bytes.fromhex(exchange.get(f"{side}_hex") or "")):
            lines += message_lines(mark, message)
    return lines


def exchange_lines(exchange):
    lines = side_lines(exchange, "request", ">")
    if exchange.get("client_stream_hex"):
        lines += block_lines(">~", bytes.fromhex(exchange["client_stream_hex"]))
    lines += side_lines(exchange, "response", "<")
    for text in exchange.get("continued_responses_hex") or []:
        lines += message_lines("<+", bytes.fromhex(text))
    if exchange.get("stream_hex"):
        lines += block_lines("~", bytes.fromhex(exchange["stream_hex"]))
    return lines


def head_lines(name, transport, notes):
    folded = re.findall(r".{1,96}(?:\s|$)", notes)
    comment = [f"# {line.strip()}" for line in folded if line.strip()]
    return comment + [f"name: {name}", f"transport: {transport}"]


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def file_name(name):
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") + ".txt"


def hash_lines(case):
    return [
        f"= {case['handle_utf8_hex']} {case['by_prefix']} {case['by_suffix']} {case['by_all']}"
    ]


def write_handle(source, target):
    for path in sorted(source.glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        lines = head_lines(case["name"], case.get("transport", "none"), case.get("notes") or "")
        if case.get("exchanges"):
            for exchange in case["exchanges"]:
                lines += [""] + exchange_lines(exchange)
        elif case["name"] == "hash-server-selection":
            lines.append("# identifier in hexadecimal, its number by prefix, by suffix, by all")
            for number in case["cases"]:
                lines += hash_lines(number)
        else:
            continue
        write(target / file_name(case["name"]), lines)


def write_idis(source, target):
    for path in sorted(source.glob("*.json")):
        captured = json.loads(path.read_text(encoding="utf-8"))
        for case in captured.get("vectors", []):
            notes = f"{captured['client']}; connection {case['connection']}"
            lines = head_lines(case["name"], case["transport"], notes) + [""]
            lines += message_lines(">", bytes.fromhex(case["request_hex"]))
            lines += message_lines("<", bytes.fromhex(case["accepted_response_hex"]))
            write(target / file_name(case["name"]), lines)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    captures = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else pathlib.Path(__file__).parent
    write_handle(captures / "handle", folder / "handle")
    write_idis(captures / "idis", folder / "idis")


if __name__ == "__main__":
    main()
