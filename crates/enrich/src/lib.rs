//! Article to Story: language and topics
