//! Article and its neighbours to a verdict: keys, fingerprints, identity
