"""Cloud side: server, admission, strict JSON, validation, rendering and OpenAPI."""
