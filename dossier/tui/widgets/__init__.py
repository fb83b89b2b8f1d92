"""The parts that pages are made of; each shows data as inert text."""
