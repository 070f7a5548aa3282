"""Every write of the trail that is not a trigger's."""
