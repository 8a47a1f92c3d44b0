"""From text to token ids and sequences: tokenizers behind one protocol, packing, splits and mixture."""
