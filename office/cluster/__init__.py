"""Several machines: Ray builds the shards of an index and keeps those that answer; `enmusubi[ray]`."""
