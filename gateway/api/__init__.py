"""The cloud side's contract, written from what serves: the OpenAPI document of the routes."""
