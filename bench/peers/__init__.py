"""What ours is compared with: the usual forms, written plainly, on equal tables of their own."""
