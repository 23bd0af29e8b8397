"""What surrounds the code: resources, build, deployment, and the local cloud."""
