"""The only door to AWS: everything that knows PynamoDB or botocore."""
