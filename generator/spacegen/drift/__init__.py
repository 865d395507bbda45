"""What has changed in a Space since its package was written."""
