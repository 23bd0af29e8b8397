"""How mail leaves: in whose name, with what signature, composed to the last byte, sent, and what became of it."""
