"""The judge: what it is asked about an answer, its endpoint, and its replies, each of which is asked for once."""
