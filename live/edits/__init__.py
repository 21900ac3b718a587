"""What managers edit in the browser: a list that only grows, over files left as they are."""
