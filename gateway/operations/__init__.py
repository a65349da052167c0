"""Events of the data plane and who listens to them: metrics, log, admin listener."""
