"""Page toolkit: blueprint, guard, forms, templating, navigation, assets, headers."""
