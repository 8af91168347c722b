//! HTTP: health, metrics and packets as JSON.
