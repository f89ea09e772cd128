"""The seam to SpiffWorkflow: reading diagrams into models, and moving tokens."""
