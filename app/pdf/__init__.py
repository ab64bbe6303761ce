"""PDF toolkit: pages, text in any script, tables, charts and badges in the product's own look."""
