//! The window: health, readiness and metrics over loopback HTTP
