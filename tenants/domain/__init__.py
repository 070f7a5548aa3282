"""Rules of the floor, as pure functions."""
