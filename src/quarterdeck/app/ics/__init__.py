"""The acts of the Incident Command System: plan, safety, resources, forms. Each is one transaction on one incident."""
