"""Where an interface goes, and why not elsewhere: one pure answer for everybody who says it."""
