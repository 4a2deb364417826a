"""One job makes one row of the matrix: its adapter, its cells, its record."""
