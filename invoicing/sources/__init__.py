"""Where exchange rates come from besides the tenant's own: published ones, each behind `base.RateSource`."""
