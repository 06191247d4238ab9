"""What exists: instances, interfaces, sessions, and how they change while time passes."""
