"""What hospital IT writes: loaded with line marks, checked, compiled to a snapshot, matched."""
