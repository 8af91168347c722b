//! What a light client is: the functions and types that all of them share.
