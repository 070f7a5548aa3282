"""Every write of the floor: keyword-only functions, one transaction each."""
