"""Readers that turn foreign files into plain records, and writers that take them."""
