"""What agents do, and who may."""
