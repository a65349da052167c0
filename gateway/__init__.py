"""The gateway between booking platforms (REST) and a hospital's internal services (SOAP)."""
