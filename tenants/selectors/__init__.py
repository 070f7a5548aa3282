"""Every read of the floor."""
