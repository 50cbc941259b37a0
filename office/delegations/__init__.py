"""Who stands in for whom while somebody is away, and handing over all that somebody manages."""
