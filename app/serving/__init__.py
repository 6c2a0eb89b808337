"""The process that faces the network: what a client may do to it, and how it ends."""
