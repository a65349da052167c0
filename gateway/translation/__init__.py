"""Pure translation between REST values and records; no I/O, no XML, no HTTP."""
