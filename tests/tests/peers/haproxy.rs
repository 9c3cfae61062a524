//! HAProxy.
