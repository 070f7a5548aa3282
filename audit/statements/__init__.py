"""Hand-written SQL of the trail."""
