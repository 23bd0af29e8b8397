"""Postfach: a conversations inbox that runs serverless in its users own AWS account."""
