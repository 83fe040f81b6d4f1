"""The room `web`: the dashboard and its JSON, on loopback only; nothing here opens an outgoing socket."""
