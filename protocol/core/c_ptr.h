// Ownership of objects of C libraries: CPtr<MDB_env, &mdb_env_close> is a unique_ptr of the size of
// a pointer. Release it before a call that frees the object whether it succeeds or not.
#pragma once

#include <memory>

namespace idnode {

template <auto free_fn>
struct CFree {
    template <class T>
    void operator()(T* object) const noexcept {
        free_fn(object);
    }
};

template <class T, auto free_fn>
using CPtr = std::unique_ptr<T, CFree<free_fn>>;

}  // namespace idnode
