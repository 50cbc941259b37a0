"""What `enmusubi bench` measures, on made-up data in folders of its own: no catalogue is touched."""
