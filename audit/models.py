"""Tables of the trail."""
