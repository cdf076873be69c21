"""The demonstration: invented organisations, people and testimonies, made through the product's own actions."""
