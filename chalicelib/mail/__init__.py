"""Understanding and composing mail: bytes in, values out. No AWS, no environment, never raises on any input."""
