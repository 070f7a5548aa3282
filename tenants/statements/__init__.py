"""Hand-written SQL of the floor, one function a statement."""
