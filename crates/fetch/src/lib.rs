//! Visit to Document: guarded, conditional, capped, polite HTTP
