"""Executives in their place: engagement, asks, their channel, reading, training."""
