//! Packets, identifiers, commitments and codecs of IBC v2.
