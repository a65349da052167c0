"""Deadline, retry, breaker and bulkhead; no REST, no SOAP."""
