"""What people see and the server behind it."""
