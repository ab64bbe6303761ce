"""What tests stand on: real servers, real pages, a clock that can be moved."""
