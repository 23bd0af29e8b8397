"""From a notification to a filed message."""
