"""Archives as they are found: captures of the web, and files packed into tar, zip and their like."""
