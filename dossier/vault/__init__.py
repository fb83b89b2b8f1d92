"""Keys, slots, envelopes, seals and the agent: the only part that touches cryptography."""
