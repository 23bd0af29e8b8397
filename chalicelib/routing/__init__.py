"""Who gets a conversation, and which ticket it opens: pure decisions."""
