//! What the nightly job owns: generations, manifest, lock, publishing.
