"""What this installation serves over HTTP. Only this folder knows the web framework."""
