"""Rules are data with citations: each file of this folder is read once and handed out frozen."""
