"""The room `alarms`."""
