"""The files that the rules look at, and the form in which a breach is told."""
import subprocess
from functools import cached_property, lru_cache
from typing import NamedTuple

CODE = (".h", ".cpp")
SCRIPT = (".py", ".sh")
CODE_FOLDERS = ("protocol", "registry", "resolver", "admin-cli", "deploy", "tests", "bench")
# Binary inputs and recorded messages: no text of ours.
DATA_FOLDERS = ("tests/fuzz/corpus/", "tests/vectors/handle/", "tests/vectors/idis/",
                "bench/results/")


class Breach(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    def __init__(self, root):
        self.root = root

    @cached_property
    def all_files(self):
        """Paths from the root of all files in git or about to be."""
        listed = self._git_files()
        if listed is None:
            listed = self._walked_files()
        return sorted(f for f in listed if self.is_file(f))

    @cached_property
    def files(self):
        """The same without data."""
        return [f for f in self.all_files if not f.startswith(DATA_FOLDERS)]

    @cached_property
    def code(self):
        return [f for f in self.files if f.endswith(CODE)]

    @cached_property
    def scripts(self):
        return [f for f in self.files if self.is_script(f)]

    @cached_property
    def documents(self):
        return [f for f in self.files if f.endswith(".md")]

    def is_file(self, path):
        full = self.root / path
        return full.is_file() and not full.is_symlink()

    def is_script(self, path):
        name = path.rsplit("/", 1)[-1]
        return path.endswith(SCRIPT) or ("." not in name and self.read(path).startswith("#!"))

    @lru_cache(maxsize=None)
    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def lines(self, path):
        return self.read(path).splitlines()

    def _git_files(self):
        if not (self.root / ".git").exists():
            return None
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(command, cwd=self.root, capture_output=True, check=False)
        return [f for f in done.stdout.decode().split("\0") if f] if done.returncode == 0 else None

    def _walked_files(self):
        skipped = {"build", ".git", "__pycache__"}
        for path in self.root.rglob("*"):
            inside = path.relative_to(self.root)
            if path.is_file() and not skipped.intersection(inside.parts):
                yield str(inside)
