"""PDF toolkit on ReportLab."""
