"""Deadline, retry, breaker, bulkhead and the settlement of failed calls; no REST, no SOAP."""
