"""The rules of invoicing as pure functions and values: no ORM, no clock, no input or output."""
