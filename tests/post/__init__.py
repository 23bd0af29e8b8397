"""A post office for tests: an empty cloud, an account in it, letters, and SES as it stores and announces them."""
