"""What stands behind the scripts: private servers, the processes of `run`, throw-away services. Standard library only."""
