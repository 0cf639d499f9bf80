// A source for the target that owns the precompiled headers of the tests (CMakeLists.txt here).
