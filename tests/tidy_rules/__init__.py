"""The rules behind tests/tidy.py, one module per subject; each gives breaches for a Tree."""
