"""What it takes to run and try the worker: the sandbox, the demo, service units and runbooks."""
