//! The corridor: the order of the rooms and the only event loop
