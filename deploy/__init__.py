"""What runs the product: files for Grafana, Prometheus and others, and the code that writes them."""
