"""The Incident Command System within an incident: periods, plan, safety, resources, forms. Pure, as all of the core."""
