"""The pages: pure functions of plain arguments."""
