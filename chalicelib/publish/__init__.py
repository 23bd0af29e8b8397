"""What follows from a change of the table: events for others, and automatic mail."""
