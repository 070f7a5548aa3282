"""Ways to prove who one is: each tenant has one, by name."""
