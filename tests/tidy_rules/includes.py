"""Who may include whom, and which library has which one entrance."""
import re

from tidy_rules.tree import Breach

CORE, CRYPTO, HANDLE = "protocol/core", "protocol/crypto", "protocol/handle"
REGISTRY, RESOLVER, ADMIN = "registry", "resolver", "admin-cli"

# A folder may include headers of the folders in its row, and nothing else of ours. One header alone
# stands for itself: the registry takes the forms of values from the Handle protocol, no messages.
ARROWS = {
    CORE: {CORE},
    CRYPTO: {CORE, CRYPTO},
    HANDLE: {CORE, CRYPTO, HANDLE},
    "protocol/dns": {CORE, "protocol/dns"},
    "protocol/http": {CORE, "protocol/http"},
    REGISTRY: {CORE, CRYPTO, REGISTRY, f"{HANDLE}/value.h", f"{HANDLE}/record.h",
               f"{HANDLE}/record_json.h", f"{HANDLE}/timestamp.h",
               f"{HANDLE}/value_index.h"},
    RESOLVER: {CORE, CRYPTO, HANDLE, "protocol/dns", "protocol/http", REGISTRY, RESOLVER},
    ADMIN: {CORE, HANDLE, REGISTRY, ADMIN},
}

# Foreign header -> the only files that may include it.
ENTRANCES = (
    (re.compile(r"lmdb\.h$"), re.compile(r"registry/lmdb\.(h|cpp)$")),
    (re.compile(r"uv\.h$"), re.compile(r"resolver/uv\.(h|cpp)$")),
    (re.compile(r"openssl/"), re.compile(r"protocol/crypto/|resolver/tls_")),
    (re.compile(r"ares\.h$"), re.compile(r"resolver/ares\.(h|cpp)$")),
)

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def check(tree):
    for path in tree.code:
        for number, line in enumerate(tree.lines(path), 1):
            found = INCLUDE.match(line)
            if found:
                yield from _check_include(tree, path, number, *found.groups())


def _check_include(tree, path, number, bracket, header):
    if bracket == "<":
        for name, places in ENTRANCES:
            if name.match(header) and not places.match(path):
                yield Breach(path, number, f"<{header}> may be included by {places.pattern} only")
        return
    if not tree.is_file(header):
        yield Breach(path, number, f'"{header}" is not a path from the root of the tree')
        return
    folder = _folder(path)
    if folder in ARROWS and header not in ARROWS[folder] and _folder(header) not in ARROWS[folder]:
        yield Breach(path, number, f'{folder} must not depend on "{header}"')


def _folder(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "protocol" else parts[0]
