//! The main job on embedded chains: what cargo demo runs.
