"""The words of Postfach as plain frozen values."""
