"""What tests share. Never imported by the product."""
