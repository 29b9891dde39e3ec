"""The shop's pages. Each module has ``register(app)``."""
